"""Use cases of moderators: the queue, decisions and their undoing, reports, members' standing."""
