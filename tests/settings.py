"""With these settings, tests run faster and write into a folder of their own."""

import os
import tempfile

# Read by config.settings, so it must be there before: every process of a test run has its own folder.
# A worker of pytest-xdist inherits the folder of the process that starts it, and must not use it too.
if "DATA_DIR" not in os.environ or "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="vitrine-tests-")
os.environ.setdefault("SITE_URL", "http://testserver")
# pytest's own folders are no concern of the site's; its live sites read the settings as they are.
os.environ.setdefault("TMPDIR", tempfile.gettempdir())
os.environ["TESTS_TMPDIR"] = os.environ["TMPDIR"]

from config.settings import *  # noqa: F403

os.environ["TMPDIR"] = tempfile.tempdir = os.environ.pop("TESTS_TMPDIR")

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# A telephone's code is good for half a minute: on a slow machine it could be old before it is typed.
MFA_TOTP_TOLERANCE = 20
CELERY_TASK_ALWAYS_EAGER = True
STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
