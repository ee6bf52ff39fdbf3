"""Every setting, read from the environment in one place.

Sections have a fixed order: where things are, security, apps, database, files, accounts, uploads,
processing, models, queue, APIs, website, logging. Each variable is named with its default in `.env.example` (a
test checks it).
"""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
import tempfile
from pathlib import Path
from urllib.parse import quote, urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import __version__
from hosting.http_caching import SIGNED_SECONDS

env = environ.Env()

# --- Where things are

BASE_DIR = Path(__file__).resolve().parent.parent
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")
# A setting left empty is a setting not given: so a copied example and a compose file's blanks mean the default.
env.ENVIRON = {name: value for name, value in os.environ.items() if value}

# What the site writes is for its own user alone: a database that others on this machine can read gives them
# every account.
os.umask(0o077)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
TEMP_DIR = DATA_DIR / "tmp"
TEMP_DIR.mkdir(exist_ok=True)
# What a library or a program sets aside is somebody's picture: none of it lies in the machine's /tmp. Every
# process of the site reads these settings first, and its children take the variable over.
os.environ["TMPDIR"] = tempfile.tempdir = str(TEMP_DIR)

# A group (nginx's, say) that may read pictures and static files there; empty: none.
DATA_GROUP = env.str("DATA_GROUP", default="")

PORT = env.int("PORT", default=8000)
SITE_URL = env.str("SITE_URL", default=f"http://localhost:{PORT}").rstrip("/")
SITE_NAME = env.str("SITE_NAME", default="Vitrine")
VERSION = __version__
_site = urlsplit(SITE_URL)
if _site.scheme not in {"http", "https"} or not _site.hostname:
    raise ImproperlyConfigured("SITE_URL must look like https://pictures.example.org")


def _host_of(name: str) -> str:
    """Where a site of that name listens: one that is local to this machine there alone, others everywhere."""
    if name == "localhost" or name.endswith(".localhost"):
        return "127.0.0.1"
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return "0.0.0.0"  # noqa: S104
    if address.is_loopback:
        return str(address)
    return "::" if address.version == 6 else "0.0.0.0"  # noqa: S104


HOST = env.str("HOST", default=_host_of(_site.hostname))

# --- Security


def _secret_key() -> str:
    """The key from the environment, or one made at the first start and kept in DATA_DIR."""
    if given := str(env.str("SECRET_KEY", default="")):
        return given
    kept = DATA_DIR / "secret_key"
    try:
        # Opened exclusively: of two processes that start together, one writes and the other reads.
        with kept.open("x") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    if not (key := kept.read_text().strip()):
        raise ImproperlyConfigured(f"{kept} is empty: remove it and start again.")
    return key


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = _secret_key()
# Earlier keys, with which existing signatures and encrypted values can still be read.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Only our own host names are answered; links are built from SITE_URL in any case.
ALLOWED_HOSTS = [
    *env.list("ALLOWED_HOSTS", default=[]),
    f"[{_site.hostname}]" if ":" in _site.hostname else _site.hostname,
    "localhost",
    "127.0.0.1",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS = [SITE_URL, *env.list("CSRF_TRUSTED_ORIGINS", default=[])]
# How many proxies in front add themselves to X-Forwarded-For; 0 ignores the header.
TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if _site.scheme == "https":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=False)
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
    SECURE_HSTS_PRELOAD = False
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
# A session ends this long after its last use, and after signing in, used or not (accounts/sessions.py).
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = env.int("SESSION_IDLE_SECONDS", default=14 * 24 * 3600)
SESSION_MAX_SECONDS = env.int("SESSION_MAX_SECONDS", default=30 * 24 * 3600)
X_FRAME_OPTIONS = "DENY"
# The proxy decides about http to https, subdomains and the preload list: theirs are not our domains.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]

# --- Apps

INSTALLED_APPS = [
    "accounts",
    "hosting",
    "server",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "rest_framework",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Before what only pages need.
    "hosting.api.polls.PollsMiddleware",
    "hosting.views.no_turn.NoTurnMiddleware",
    "server.compression.CompressPages",
    "csp.middleware.CSPMiddleware",
    "accounts.sessions.SignedSessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "hosting.views.language.LanguageMiddleware",
    "hosting.views.suspended.SuspendedMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
# Routes name both spellings where both are used: a redirect would lose a POST.
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hosting.views.context.site",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database and cache

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'vitrine.db'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE takes the write lock at BEGIN, where waiting for it is possible; a deferred
        # transaction that turns into a writer fails at once with "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;"
            "PRAGMA cache_size=-16000; PRAGMA mmap_size=134217728; PRAGMA temp_store=MEMORY;"
        ),
    }
    DATABASES["default"]["CONN_MAX_AGE"] = None
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Counters and limits must agree between processes, so the default cache is a table, not memory.
CACHES = {"default": env.cache_url("CACHE_URL", default="dbcache://cache_entries")}
if CACHES["default"]["BACKEND"].endswith("DatabaseCache"):
    CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 100_000}

# --- Files

FILES_ROOT = DATA_DIR / "files"
# local: on this disk. s3: any S3-compatible bucket.
FILES_STORAGE = env.str("FILES_STORAGE", default="local")
# stream: through this server. accel: by nginx, through X-Accel-Redirect. redirect: to the bucket.
FILES_DELIVERY = env.str(
    "FILES_DELIVERY", default="redirect" if FILES_STORAGE == "s3" else "stream"
)
# Where public files are fetched from, when that is not this site (a bucket's or a CDN's address).
FILES_URL = env.str("FILES_URL", default=SITE_URL).rstrip("/")
_STORAGES = {
    "local": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": FILES_ROOT, "base_url": None},
    },
    "s3": {
        "BACKEND": "hosting.storage.bucket.Bucket",
        "OPTIONS": {
            "bucket_name": env.str("S3_BUCKET", default=""),
            "endpoint_url": env.str("S3_ENDPOINT", default="") or None,
            "region_name": env.str("S3_REGION", default="") or None,
            "access_key": env.str("S3_ACCESS_KEY", default="") or None,
            "secret_key": env.str("S3_SECRET_KEY", default="") or None,
            "addressing_style": "path",
            "signature_version": "s3v4",
            "default_acl": None,
            "file_overwrite": False,
            "querystring_expire": SIGNED_SECONDS,
        },
    },
}
if FILES_STORAGE not in _STORAGES:
    raise ImproperlyConfigured(f"FILES_STORAGE must be one of {', '.join(_STORAGES)}")
if FILES_DELIVERY not in {"stream", "accel", "redirect"}:
    raise ImproperlyConfigured("FILES_DELIVERY must be stream, accel or redirect")
STORAGES = {
    "default": _STORAGES["local"],
    "files": _STORAGES[FILES_STORAGE],
    "staticfiles": {
        "BACKEND": "server.static_files.StaticFiles",
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]

# --- Accounts

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
SIGN_UP_OPEN = env.bool("SIGN_UP_OPEN", default=True)
ACCOUNT_ADAPTER = "hosting.members.signing_up.SiteAccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "signup": "accounts.forms.SignUpForm",
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "reauthenticate": "accounts.forms.PasswordAgainForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.NewPasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
}
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeForm",
    "reauthenticate": "accounts.forms.CodeAgainForm",
    "activate_totp": "accounts.forms.FirstCodeForm",
    "add_webauthn": "accounts.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.forms.RenamePasskeyForm",
    "login_webauthn": "accounts.forms.PasskeyAloneForm",
    "authenticate_webauthn": "accounts.forms.PasskeyForm",
    "reauthenticate_webauthn": "accounts.forms.PasskeyAgainForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = env.str("ACCOUNT_EMAIL_VERIFICATION", default="optional")
# A taken e-mail address signs up as any other does: only one account can ever confirm it.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "
ACCOUNT_LOGOUT_ON_GET = False
# Sign-ins from one address, right or wrong: an office's morning. Wrong ones are limited by `accounts.sign_in`.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip"}
# Changes to the account itself require the password (or the second factor) again, unless it was just given.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
# Each change of the account is mailed; one of the address to the old one.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_USERNAME_VALIDATORS = "accounts.usernames.USERNAME_VALIDATORS"
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Signing in by a passkey takes two requests, and an office shares an address; nothing can be guessed.
MFA_RATE_LIMITS = {"webauthn_login": "120/m/ip"}
# Whether the administration is open only to staff with a second factor.
STAFF_TWO_FACTOR = env.bool("STAFF_TWO_FACTOR", default=False)
MFA_TOTP_ISSUER = SITE_NAME
# One OpenID Connect provider by which members may sign in too; without an address, none.
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", default="").rstrip("/")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_NAME = env.str("OIDC_NAME", default="OpenID Connect")
# Connected accounts are kept under this name: another provider needs another one.
OIDC_ID = env.str("OIDC_ID", default="oidc")
# Whether who is not a member becomes one by signing in there, where SIGN_UP_OPEN is False.
OIDC_SIGN_UP = env.bool("OIDC_SIGN_UP", default=False)
_provider = urlsplit(OIDC_SERVER_URL)
if OIDC_SERVER_URL and (_provider.scheme not in {"http", "https"} or not _provider.hostname):
    raise ImproperlyConfigured("OIDC_SERVER_URL must look like https://sign-in.example.org/…")
if OIDC_SERVER_URL and not OIDC_CLIENT_ID:
    raise ImproperlyConfigured("OIDC_SERVER_URL needs OIDC_CLIENT_ID too")
if not re.fullmatch(r"[a-z0-9-]+", OIDC_ID):
    raise ImproperlyConfigured("OIDC_ID may have small letters, digits and - alone")
SOCIALACCOUNT_ADAPTER = "hosting.members.signing_up.SiteExternalAdapter"
SOCIALACCOUNT_FORMS = {
    "disconnect": "accounts.forms.DisconnectForm",
    "signup": "accounts.forms.ExternalSignUpForm",
}
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = ""
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": OIDC_ID,
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ][: bool(OIDC_SERVER_URL)],
    }
}
ADMIN_USERNAME = env.str("ADMIN_USERNAME", default="admin")
ADMIN_PASSWORD = env.str("ADMIN_PASSWORD", default="")
# With no mail server named, mails are written to the log, so that a reset still works for an operator.
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
# Without mail no address can be confirmed, and a second factor must not depend on that.
MFA_ALLOW_UNVERIFIED_EMAIL = EMAIL_CONFIG["EMAIL_BACKEND"].endswith("console.EmailBackend")
DEFAULT_FROM_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL", default=f"{SITE_NAME} <noreply@{_site.hostname}>"
)

# --- Uploads

MAX_FILE_BYTES = env.int("MAX_FILE_BYTES", default=50 * 1024 * 1024)
MAX_PIXELS = env.int("MAX_PIXELS", default=100_000_000)
MAX_FRAMES = env.int("MAX_FRAMES", default=300)
MAX_VIDEO_SECONDS = env.int("MAX_VIDEO_SECONDS", default=600)
# Base64 makes a file a third larger, and percent-encoding of its + / = a little more.
MAX_REQUEST_BYTES = MAX_FILE_BYTES * 3 // 2 + 1024 * 1024
MAX_REQUEST_PARTS = 64
MAX_TEXT_BYTES = 64 * 1024
# Where what is served has other pixels than what came (HEIC, TIFF, a resize), the source is kept for its owner.
KEEP_ORIGINALS = env.bool("KEEP_ORIGINALS", default=True)
ALLOW_DUPLICATES = env.bool("ALLOW_DUPLICATES", default=False)
# Uploads in pieces that one account (or one address of guests) may have unfinished, and how long they are kept
# since their last piece.
MAX_PARTIAL_UPLOADS = env.int("MAX_PARTIAL_UPLOADS", default=50)
PARTIAL_KEEP_SECONDS = env.int("PARTIAL_KEEP_SECONDS", default=24 * 3600)
# Uploads and processing are refused while less than this is left on the disk.
MIN_FREE_BYTES = env.int("MIN_FREE_BYTES", default=512 * 1024 * 1024)
# The operator's own machines that may be fetched from although their address is private (host:port).
FETCH_TRUSTED_HOSTS = env.list("FETCH_TRUSTED_HOSTS", default=[])
FETCH_SECONDS = env.int("FETCH_SECONDS", default=20)
# Threads of one web process, which answers pages, and as many of one decoder, which processes pictures. URL
# uploads, which wait for other servers, hold at most half of the latter, and those that wait for such a turn a
# quarter: with two threads or more, one is always free for everybody else.
SERVER_THREADS = env.int("SERVER_THREADS", default=4)
FETCHES_AT_ONCE = max(1, SERVER_THREADS // 2)
# The processes in which requests process pictures; how many requests may wait for one in each web process,
# and for how many seconds before they are refused.
DECODERS = env.int("DECODERS", default=2)
DECODING_QUEUE = env.int("DECODING_QUEUE", default=64)
DECODING_WAIT_SECONDS = env.int("DECODING_WAIT_SECONDS", default=10)
# Connections that one address may hold open to a web process; 0 for any number, which behind a proxy is the
# proxy's to count.
CONNECTIONS_PER_ADDRESS = env.int("CONNECTIONS_PER_ADDRESS", default=0 if TRUSTED_PROXIES else 256)
# More threads of a decoder for requests that only wait for a worker, so that they do not delay the others.
WAITING_THREADS = env.int("WAITING_THREADS", default=16)
FETCHES_WAITING = SERVER_THREADS // 4
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_TEMP_DIR = TEMP_DIR
FILE_UPLOAD_PERMISSIONS = 0o640 if DATA_GROUP else 0o600
# Without one the umask says it: Django changes that for a moment where this is set.
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750 if DATA_GROUP else None
FILE_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

# --- Processing

# Weights of the networks that remove backgrounds lie here.
MODELS_DIR = Path(env.str("MODELS_DIR", default=str(DATA_DIR / "models"))).resolve()
REMBG_MODEL = env.str("REMBG_MODEL", default="u2net")
# Whether `serve` fetches them where they are missing; from where and with which hash, if not rembg's own.
FETCH_MODELS = env.bool("FETCH_MODELS", default=True)
REMBG_URL = env.str("REMBG_URL", default="")
REMBG_SHA256 = env.str("REMBG_SHA256", default="")
if REMBG_URL and not REMBG_URL.startswith(("https://", "http://")):
    raise ImproperlyConfigured("REMBG_URL begins with https:// or http://")
if REMBG_SHA256 and not re.fullmatch("[0-9a-fA-F]{64}", REMBG_SHA256):
    raise ImproperlyConfigured("REMBG_SHA256 is 64 hexadecimal digits")
# Whether edges such as hair are refined by matting, which takes seconds more a picture.
BACKGROUND_MATTING = env.bool("BACKGROUND_MATTING", default=False)
# Languages of the text that is read from pictures, as Tesseract calls them.
OCR_LANGUAGES = env.list("OCR_LANGUAGES", default=["eng"])

# --- Models

# What makes pictures from prompts: nothing, a server that speaks OpenAI's images API, or a model in a folder.
IMAGINE_BACKEND = env.str("IMAGINE_BACKEND", default="")
if IMAGINE_BACKEND not in {"", "openai", "diffusers"}:
    raise ImproperlyConfigured("IMAGINE_BACKEND must be openai, diffusers or empty")
IMAGINE_URL = env.str("IMAGINE_URL", default="")
IMAGINE_KEY = env.str("IMAGINE_KEY", default="")
IMAGINE_MODEL = env.str("IMAGINE_MODEL", default="")
IMAGINE_MODEL_DIR = env.str("IMAGINE_MODEL_DIR", default="")
# The models behind the names that requests use: names on the server, or folders.
IMAGINE_MODELS = env.dict("IMAGINE_MODELS", default={})
IMAGINE_SECONDS = env.int("IMAGINE_SECONDS", default=100)
# What says what is in a picture: a server that speaks OpenAI's chat completions API and takes pictures.
VISION_URL = env.str("VISION_URL", default="")
VISION_KEY = env.str("VISION_KEY", default="")
VISION_MODEL = env.str("VISION_MODEL", default="")
VISION_MODELS = env.dict("VISION_MODELS", default={})
VISION_SECONDS = env.int("VISION_SECONDS", default=30)

# --- Queue

CELERY_BROKER_URL = env.str(
    "CELERY_BROKER_URL", default=f"files://{quote(str(DATA_DIR / 'queue'))}"
)
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TIMEZONE = "UTC"
# A job that no worker began in this time is given up; what is known of an ended one is kept for that time.
JOB_WAIT_SECONDS = env.int("JOB_WAIT_SECONDS", default=6 * 3600)
JOB_KEEP_SECONDS = env.int("JOB_KEEP_SECONDS", default=24 * 3600)
# Jobs that one account (or all guests together) may have waiting at once.
MAX_WAITING_JOBS = env.int("MAX_WAITING_JOBS", default=1000)
# How long the images of IMG Processing's test keys are kept.
TEST_KEEP_DAYS = env.int("TEST_KEEP_DAYS", default=90)
# How long a request waits for heavy work (background removal, Word to PDF) before it gives up.
HEAVY_WAIT_SECONDS = env.int("HEAVY_WAIT_SECONDS", default=120)
CELERY_BEAT_SCHEDULE = {
    "delete-expired-files": {"task": "hosting.tasks.delete_expired", "schedule": 60.0},
    # One that could not run in its time is made up for by the next.
    "requeue-stalled-jobs": {
        "task": "hosting.tasks.requeue_stalled",
        "schedule": 10.0,
        "options": {"expires": 10.0},
    },
    "settle-bytes": {
        "task": "hosting.tasks.settle_bytes",
        "schedule": 10.0,
        "options": {"expires": 10.0},
    },
    "settle-standing": {
        "task": "hosting.tasks.settle_standing",
        "schedule": 10.0,
        "options": {"expires": 10.0},
    },
    "remind-moderators": {"task": "hosting.tasks.remind_moderators", "schedule": 3600.0},
    "empty-bin": {"task": "hosting.tasks.empty_bin", "schedule": 3600.0},
    # It looks through the whole storage, which takes minutes on a large site.
    "repair-misplaced-bytes": {
        "task": "hosting.tasks.repair_misplaced",
        "schedule": 24 * 3600.0,
        "options": {"queue": "heavy"},
    },
    "sweep-webhooks": {
        "task": "hosting.tasks.sweep_webhooks",
        "schedule": 10.0,
        "options": {"expires": 10.0},
    },
    "clear-temporary-files": {"task": "hosting.tasks.clear_temporary", "schedule": 3600.0},
    "clear-replays": {"task": "hosting.tasks.clear_replays", "schedule": 3600.0},
    "clear-sessions": {"task": "hosting.tasks.clear_sessions", "schedule": 24 * 3600.0},
}

# --- APIs

REST_FRAMEWORK = {
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
# Each API's `description` module describes it; this only sets how drf-spectacular writes that.
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": [],
    "SORT_OPERATION_PARAMETERS": False,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

# --- Website

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("lt", "Lietuvių")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
# Where pictures come from beside this site: a CDN, and the bucket that guarded ones are redirected to.
_ELSEWHERE = sorted(
    {
        "{0.scheme}://{0.netloc}".format(urlsplit(url))
        for url in (FILES_URL, env.str("S3_ENDPOINT", default=""))
        if url and url != SITE_URL
    }
)
_PROVIDER = [f"{_provider.scheme}://{_provider.netloc}"] if OIDC_SERVER_URL else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", *_ELSEWHERE],
        "media-src": [SELF, *_ELSEWHERE],
        "object-src": [NONE],
        "base-uri": [NONE],
        # A form that begins signing in elsewhere is answered with the way there.
        "form-action": [SELF, *_PROVIDER],
        "frame-ancestors": [NONE],
    },
}

# --- Logging

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        # A logger without any handler would still write, by Python's last resort.
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "accounts": {"level": "INFO"},
        "hosting": {"level": "INFO"},
        # Missing pages are requested all day; faults are logged, refusals are not.
        "django.request": {"level": "ERROR"},
        # Strangers request strange hosts all day; that is not a fault of the site.
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
    },
}
