"""Errors of hosting: one exception, and ERRORS, the table of all its messages.

Each row is a code, which is stable and for programs. Raising one names its row, or a variant of it
("not_found.album"), and gives the values of its sentence: HostingError("too_many_albums", number=5000). The
codes of accounts and processing, which have messages of their own, are classified here too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from hosting.unset import UNSET, Unset

if TYPE_CHECKING:
    from django.http import HttpRequest

    from hosting.models import HostedFile


class Fault(Enum):
    """Whose fault an error is, which says what has to change before the same can work."""

    SENDER = auto()  # the request: its form or its sender
    FILE = auto()  # the bytes of one file; others in the same request may be fine
    OURS = auto()  # the site: a program is missing, a worker died
    MOMENT = auto()  # nothing is wrong with the request: it may succeed later


@dataclass(frozen=True)
class ErrorKind:
    """A row of ERRORS.

    sentence: in English, values in braces; empty where only accounts or processing raise it.
    param: the input at fault, unless the raising code names another. status: in HTTP. retryable: a job that
    failed with it may be retried unchanged. seconds: after which it is worth trying again, unless the raising
    code gives them. variants: other sentences of the same code, by their names.
    """

    sentence: str = ""
    param: str | None = None
    status: int = 400
    fault: Fault = Fault.SENDER
    retryable: bool = False
    seconds: int | None = None
    variants: Mapping[str, str] = field(default_factory=dict)


# By code; a code or a param with {name} in it takes that value too ("invalid_width").
ERRORS: Mapping[str, ErrorKind] = {
    # The caller
    "no_key": ErrorKind(status=401),
    "invalid_key": ErrorKind(status=401),
    "missing_scope": ErrorKind(status=403),
    "reauthentication_required": ErrorKind(
        "Confirm your password first, at /account/reauthenticate/, or use a key.", status=403
    ),
    "signed_out": ErrorKind(
        "You have been signed out, so nothing was uploaded. Reload the page.", status=401
    ),
    "account_required": ErrorKind("This requires an account: use your own key.", status=403),
    "csrf_failed": ErrorKind(
        "Send the cookie csrftoken as the header X-CSRFToken, or use a key.", status=403
    ),
    "forbidden": ErrorKind(
        "You may not do this.",
        status=403,
        variants={
            "album": "This album belongs to someone else.",
            "file": "This file belongs to someone else.",
            "staff": "Staff accounts are not moderated.",
            "nsfw": "A moderator marked this file as NSFW. You can appeal the decision.",
            "stamped": "A test image keeps its stamp: it cannot be replaced.",
            "test_key": "A test key can create only test keys.",
            "no_domain": "No allowed domain set. Please set your allowed domain in dashboard.",
            "domain": "Domain not allowed. Your allowed domain is {domain}.",
        },
    ),
    "uploads_disabled": ErrorKind(status=403, fault=Fault.MOMENT),
    "account_suspended": ErrorKind(status=403, fault=Fault.MOMENT),
    "uploads_frozen": ErrorKind(status=403, fault=Fault.MOMENT),
    "url_uploads_disabled": ErrorKind(
        "URL uploading is disabled", "source", status=403, fault=Fault.MOMENT
    ),
    "banned_content": ErrorKind(
        "This file may not be uploaded to this site.", "source", status=403, fault=Fault.FILE
    ),
    "banned_network": ErrorKind("Nothing may be uploaded from your network.", status=403),
    "banned_word": ErrorKind("{name} has a word that is not allowed on this site.", "{name}"),
    "wrong_password": ErrorKind("This is not the album's password.", "password", status=403),
    "last_administrator": ErrorKind("You are the only administrator: appoint another one first."),
    # Missing or changed things
    "not_found": ErrorKind(
        "There is nothing at this address.",
        status=404,
        variants={
            "address": "There is nothing at this address: no endpoint, or no such id.",
            "endpoint": "There is no such endpoint.",
            "album": "There is no such album.",
            "category": "There is no such category.",
            "delivery": "There is no such delivery.",
            "file": "There is no such file.",
            "job": "There is no such job.",
            "key": "There is no such key.",
            "upload": "There is no such upload.",
            "webhook": "There is no such webhook.",
            "locked_album": "There is no password-protected album with this id.",
            "url": "You have no file at this URL.",
            "image": "Image not found.",
            "image_of_id": "Image with id {id} not found.",
            "result": "Result not found.",
            "expired": "The result has expired or was deleted.",
            "gone": "The file is gone.",
            "member": "There is no such account.",
            "album_gone": "The album is gone.",
            "waited_for": "The job was deleted before it ended.",
            "overlay": "A file used in the pipeline is gone.",
        },
    ),
    "unknown_album": ErrorKind("You have no album with this id.", "album"),
    "unknown_category": ErrorKind(
        "There is no such category.",
        "category",
        variants={"id": "There is no category with this id."},
    ),
    "unknown_file": ErrorKind(
        "You have no file with this id.",
        "source",
        variants={
            "cover": "The cover must be a file in the album.",
            "bytes": "The file's bytes are gone.",
        },
    ),
    "empty": ErrorKind("There is nothing to download here yet."),
    "upload_gone": ErrorKind("This upload has ended.", status=410),
    "conflict": ErrorKind(
        "The file was changed or deleted meanwhile.",
        status=409,
        variants={
            "job": "This job cannot be tried again.",
            "undone": "This decision was undone already.",
            "changed_since": "A later decision changed the same; undo that one first.",
            "no_appeal": "This decision cannot be appealed.",
            "reported": "You reported this already. A moderator will look at it.",
            "appealed": "This decision was appealed already.",
        },
    ),
    "duplicate": ErrorKind("Duplicated upload", "source", status=409),
    "job_ended": ErrorKind("The job has already ended: it is {state}.", status=409),
    "precondition_failed": ErrorKind("It was changed since you read it.", status=412),
    "offset_conflict": ErrorKind(
        "The upload continues at a different offset. Request the current one.",
        "Upload-Offset",
        status=409,
    ),
    "upload_locked": ErrorKind(
        "The upload is being finished. Try again shortly.",
        status=423,
        fault=Fault.MOMENT,
        retryable=True,
    ),
    "idempotency_in_progress": ErrorKind(
        "The request with this Idempotency-Key is still in progress.",
        status=409,
        fault=Fault.MOMENT,
        retryable=True,
    ),
    "idempotency_mismatch": ErrorKind(
        "This Idempotency-Key was already used for a different request.", status=422
    ),
    "invalid_idempotency_key": ErrorKind("The Idempotency-Key is too long."),
    # How a request is written
    "bad_request": ErrorKind("The request cannot be understood."),
    "no_action": ErrorKind("No action provided"),
    "no_version": ErrorKind("No version provided"),
    "invalid_action": ErrorKind("Invalid API action"),
    "invalid_version": ErrorKind("Invalid API version."),
    "unsupported_version": ErrorKind("Send Tus-Resumable: 1.0.0.", "Tus-Resumable", status=412),
    "unsupported_media_type": ErrorKind(
        "Send application/json, or a form as multipart/form-data.",
        status=415,
        variants={"piece": "Send {media_type}."},
    ),
    "invalid_body": ErrorKind(
        "The body is not valid JSON.",
        variants={
            "no_object": "The JSON body must be an object.",
            "null": "The list {name} in the body holds null.",
            "multipart": "The multipart body is damaged or incomplete.",
            "boundary": "The multipart body has no boundary.",
        },
    ),
    "invalid_header": ErrorKind(
        "{name} must be a whole number of bytes.",
        "Upload-Metadata",
        variants={
            "deferred": "The length must be known: send Upload-Length.",
            "long": "Upload-Metadata is too long.",
            "names": "Upload-Metadata: names must be ASCII.",
            "twice": "Upload-Metadata contains {key} twice.",
            "base64": "Upload-Metadata: {key} is not base64-encoded UTF-8.",
        },
    ),
    "request_too_large": ErrorKind("The request is too large.", status=413),
    "parameter_too_long": ErrorKind(
        "A text parameter is too long.", variants={"name": "A parameter's name is too long."}
    ),
    "too_many_parts": ErrorKind(
        "The request has too many fields.",
        variants={"upload": "This upload came in too many pieces."},
    ),
    "beyond_length": ErrorKind(
        "This is more than the declared length.", "Upload-Length", status=413
    ),
    # Parameters
    "invalid_parameter": ErrorKind(),
    "invalid_parameters": ErrorKind("Some parameters are invalid."),
    "invalid_{name}": ErrorKind(
        "{name} must be a whole number of pixels.",
        "{name}",
        variants={
            "flag": "{name} must be 0 or 1.",
            "least": "{name} must be at least 0.",
            "positive": "{name} must be greater than 0.",
            "most": "{name} must be at most {number} pixels.",
            "outside": "{name} must be within the image.",
        },
    ),
    "missing_{name}": ErrorKind("{name} is required.", "{name}"),
    "missing_width": ErrorKind("Give a width, a height, or both.", "width"),
    "invalid_cursor": ErrorKind("The cursor is invalid.", "cursor"),
    "invalid_events": ErrorKind("events must be one or more of {names}.", "events"),
    "invalid_expiration": ErrorKind(
        "Invalid expiration: give an interval such as PT5M or P3D, or seconds.", "expiration"
    ),
    "invalid_expires_at": ErrorKind("expires_at must be in the future.", "expires_at"),
    "invalid_output": ErrorKind("The output must be one of {names}.", "output"),
    "invalid_target_size": ErrorKind(
        "The target_size must be auto or a size like 20KB or 1.5MB.", "target_size"
    ),
    "invalid_parent": ErrorKind(
        "An album cannot contain itself.",
        "parent",
        variants={"depth": "Albums can be nested at most {number} levels deep."},
    ),
    "invalid_password": ErrorKind("A password must have at least {number} characters.", "password"),
    "missing_password": ErrorKind("This privacy setting requires a password.", "password"),
    "invalid_privacy": ErrorKind(
        "privacy must be one of {names}.",
        "privacy",
        variants={
            "guest": "A guest's file must be public or unlisted.",
            "file": "Only an album can have a password: move the file to one.",
        },
    ),
    "invalid_ends_at": ErrorKind(),
    "invalid_scopes": ErrorKind(),
    "invalid_tag": ErrorKind(
        "A tag has at most {number} characters, at least one letter or digit, and no / or #.",
        "tags",
    ),
    "invalid_pipeline": ErrorKind("The pipeline cannot be run.", "pipeline"),
    "missing_name": ErrorKind("An album needs a name.", "name"),
    "refused_prompt": ErrorKind("The model refused this prompt.", "prompt"),
    # The bytes of a file
    "missing_file": ErrorKind(
        "No file was sent: use the field image or file.",
        "file",
        variants={"three_ways": "Send a file, file_base64 or file_url."},
    ),
    "empty_source": ErrorKind("Empty upload source", "source", fault=Fault.FILE),
    "invalid_base64": ErrorKind("Invalid base64 string", "source", fault=Fault.FILE),
    "base64_by_get": ErrorKind(
        "Upload using base64 source must be done using POST method.", "source"
    ),
    "unsupported_format": ErrorKind(
        "Send one of these formats: {formats}.",
        status=415,
        variants={
            "turning": "Only pictures made of pixels can be rotated.",
            "endpoint": "File format not supported: this endpoint takes {formats}",
            "image": "image: Send one of {formats}.",
            "image_type": "Unsupported image type: send one of {formats}.",
        },
    ),
    "invalid_image": ErrorKind(fault=Fault.FILE),
    "invalid_document": ErrorKind(fault=Fault.FILE),
    "too_many_pixels": ErrorKind(fault=Fault.FILE),
    "too_many_frames": ErrorKind(fault=Fault.FILE),
    "too_long": ErrorKind(fault=Fault.FILE),
    "too_many_bytes": ErrorKind("File too big - max {size}", "source", status=413),
    "too_large": ErrorKind(
        "The file is larger than {size} bytes.",
        status=413,
        variants={
            "archive": "This is too much for one archive: it can hold at most {files} files and {size} GB. "
            "Download them one by one.",
            "header": "The server's response has a header that is too long.",
            "headers": "The server's response has too many headers.",
        },
    ),
    # The place from which a file is fetched
    "invalid_url": ErrorKind(
        "This is not a valid web address.",
        variants={
            "signed": "The address must not contain a user name or a password.",
            "unreadable": "The URL cannot be read.",
        },
    ),
    "unsupported_scheme": ErrorKind(
        "The address must begin with http:// or https://.",
        variants={
            "https": "The URL must begin with https://.",
            "downgrade": "The server redirects from https to http.",
        },
    ),
    "forbidden_origin": ErrorKind("The URL's host is not one of the allowed origins.", "url"),
    "forbidden_address": ErrorKind(
        "This address is not on the public internet.",
        variants={"port": "This port is not allowed."},
    ),
    "too_many_redirects": ErrorKind("The address redirects too often."),
    "bad_status": ErrorKind(
        "The server responded with status {status}.",
        variants={"compressed": "The server sent a compressed response."},
    ),
    "unreachable": ErrorKind(
        "The server could not be reached.",
        fault=Fault.MOMENT,
        retryable=True,
        variants={"unknown": "The server was not found."},
    ),
    "timeout": ErrorKind("The server took too long.", fault=Fault.MOMENT, retryable=True),
    # Limits
    "storage_full": ErrorKind(status=413, fault=Fault.MOMENT, retryable=True),
    "daily_limit": ErrorKind(status=429, fault=Fault.MOMENT, seconds=3600, retryable=True),
    "rate_limited": ErrorKind(
        "Too many attempts. Try again in ten minutes.",
        "password",
        status=429,
        fault=Fault.MOMENT,
        seconds=60,
        retryable=True,
        variants={"album": "Too many wrong passwords. Try again later."},
    ),
    "too_many_albums": ErrorKind("An account can have at most {number} albums."),
    "too_many_files": ErrorKind(
        "At most {number} files per request.", "file", variants={"one": "One file per request."}
    ),
    "too_many_jobs": ErrorKind(
        "Too many of your files are waiting. Try again when some have finished.",
        status=429,
        fault=Fault.MOMENT,
        seconds=30,
        retryable=True,
    ),
    "too_many_keys": ErrorKind("An account can have at most {number} keys."),
    "too_many_tags": ErrorKind("A file can have at most {number} tags.", "tags"),
    "too_many_uploads": ErrorKind(
        "You have too many unfinished uploads. Finish or cancel some first.",
        status=429,
        fault=Fault.MOMENT,
        seconds=60,
    ),
    "too_many_webhooks": ErrorKind("An account can have at most {number} webhooks."),
    # The site
    "busy": ErrorKind(
        "Too many URLs are being fetched right now. Try again in a few seconds.",
        status=503,
        fault=Fault.MOMENT,
        seconds=5,
        retryable=True,
        variants={
            "export": "Your data is already being downloaded. Wait until that has finished.",
            "archives": "Too many archives are being downloaded right now. Try again when one has finished.",
            "pictures": "Too many pictures are being processed right now. Try again in a few seconds.",
            "model": "The model is busy. Try again later.",
        },
    ),
    "no_space": ErrorKind(
        "The server has no space for this file right now. Try again later.",
        status=507,
        fault=Fault.MOMENT,
        seconds=300,
        retryable=True,
    ),
    "not_configured": ErrorKind(
        "This site cannot generate pictures: its operator has to set {settings}.",
        status=503,
        fault=Fault.OURS,
        variants={
            "extra": "This site cannot generate pictures: "
            "its operator has to install the extra “imagine”.",
            "model": "This site cannot generate pictures: "
            "its model (IMAGINE_MODEL_DIR) cannot be loaded.",
            "vision": "This site cannot describe pictures: its operator has to set {settings}.",
        },
    ),
    "engine_missing": ErrorKind(status=503, fault=Fault.OURS, retryable=True),
    "backend_failed": ErrorKind(
        "The model is not working at the moment. Try again later.",
        status=502,
        fault=Fault.OURS,
        retryable=True,
        variants={
            "unreachable": "The model cannot be reached. Try again later.",
            "nonsense": "The model's response makes no sense.",
            "silent": "The model's response is empty.",
            "nothing": "The model returned no picture.",
            "no_picture": "The model returned something that is not a picture.",
            "lost": "The model's picture could not be fetched.",
        },
    ),
    "timed_out": ErrorKind(
        "The work took too long and was stopped.",
        status=504,
        fault=Fault.OURS,
        retryable=True,
        variants={
            "waiting": "The work took too long and was stopped. Try again later.",
            "model": "The model took too long. Try again later.",
        },
    ),
    "worker_lost": ErrorKind(
        "The work was interrupted too often. Try again later.",
        status=503,
        fault=Fault.OURS,
        seconds=10,
        retryable=True,
        variants={
            "cancelled": "The work was stopped. Try again later.",
            "request": "The work was interrupted. Try again in a few seconds.",
        },
    ),
    "internal_error": ErrorKind(
        "Something went wrong on our side.", status=500, fault=Fault.OURS, retryable=True
    ),
}
# What a code means that has no row: the sender's mistake.
UNLISTED = ErrorKind()
# The codes by which a job may fail and yet be tried again as it is.
RETRYABLE = frozenset(code for code, kind in ERRORS.items() if kind.retryable)


def kind_of(code: str) -> ErrorKind:
    """The kind of `code`: from hosting, accounts or processing, or from a job's row."""
    return ERRORS.get(code, UNLISTED)


def sentences() -> list[str]:
    """Every sentence of the table, once, with its values in braces."""
    every = (text for kind in ERRORS.values() for text in (kind.sentence, *kind.variants.values()))
    return list(dict.fromkeys(text for text in every if text))


class HostingError(Exception):
    """A refusal. `code` is stable and for programs, `message` is for people, `param` names the input.

    name: a row of ERRORS or, after a dot, a variant of it. values: for its sentence's placeholders.
    """

    def __init__(
        self, name: str, /, *, param: str | Unset | None = UNSET, **values: object
    ) -> None:
        code, _dot, variant = name.partition(".")
        kind = ERRORS[code]
        sentence = kind.variants[variant] if variant else kind.sentence
        if param is UNSET:
            param = kind.param and kind.param.format(**values)
        self.code = code.format(**values)
        self.message = sentence.format(**values)
        self.param = param
        super().__init__(self.message)


class JobFailed(HostingError):
    """The error of a failed job: its row holds the code and the sentence, whichever package raised them."""

    def __init__(self, code: str, message: str) -> None:
        Exception.__init__(self, message)
        self.code, self.message, self.param = code, message, None


class TooManyTries(HostingError):
    """Too many wrong passwords. `seconds`: until they are forgotten."""

    def __init__(self, seconds: int) -> None:
        super().__init__("rate_limited.album")
        self.seconds = seconds


class Duplicate(HostingError):
    """The same owner already has the same content: `file` is the existing one."""

    def __init__(self, file: HostedFile) -> None:
        super().__init__("duplicate")
        self.file = file


def no_turn(request: HttpRequest) -> HostingError | None:
    """Why the web server had no turn for `request` (see server.application); None where it had one."""
    match request.META.get("vitrine.no_turn"):
        case "busy":
            return HostingError("busy.pictures")
        case "interrupted":
            return HostingError("worker_lost.request")
    return None
