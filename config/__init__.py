"""Plugs the apps together: settings, URLs, the embedded server, the queue. Nobody imports from here."""
