"""Plugs the apps together: settings, URLs, the embedded server, the queue. No other package imports it."""

# The version of the whole: pyproject.toml, the settings and so `/healthz` and the admin take it from here.
__version__ = "0.1.0"

# Loaded with the settings, so that a task that any process sends goes to this site's own queue.
from config.celery import app as celery_app

__all__ = ["celery_app"]
