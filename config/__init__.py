"""Plugs the apps together: settings, URLs, the embedded server, the queue. Nobody imports from here."""

# Loaded with the settings, so that a task that any process sends goes to this site's own queue.
from config.celery import app as celery_app

__all__ = ["celery_app"]
