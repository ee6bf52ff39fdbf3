"""CLIENTS: settings for third-party programs, ready to load, with the member's key in them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings

from hosting.delivery.links import absolute
from hosting.plain_text import line

UPLOAD = "/api/1/upload"


@dataclass(frozen=True)
class Client:
    """One program. settings_for: the content of its settings file, for a key."""

    label: str
    filename: str
    mime: str
    settings_for: Callable[[str], str]


def _sharex(key: str) -> str:
    """Source: ShareX's page on custom uploaders; the braces are its own syntax since version 14."""
    return _json(
        {
            "Version": "14.0.0",
            "Name": line(settings.SITE_NAME),
            "DestinationType": "ImageUploader, FileUploader",
            "RequestMethod": "POST",
            "RequestURL": absolute(UPLOAD),
            "Headers": {"X-API-Key": key},
            "Body": "MultipartFormData",
            "FileFormName": "source",
            "URL": "{json:image.url}",
            "ThumbnailURL": "{json:image.thumb.url}",
            "DeletionURL": "{json:image.delete_url}",
            "ErrorMessage": "{json:error.message}",
        }
    )


def _picgo(key: str) -> str:
    """For PicGo's plugin web-uploader."""
    uploader = {
        "url": absolute(UPLOAD),
        "paramName": "source",
        "jsonPath": "image.url",
        "customHeader": json.dumps({"X-API-Key": key}),
        "customBody": json.dumps({"format": "json"}),
    }
    return _json(
        {
            "picBed": {
                "current": "web-uploader",
                "uploader": "web-uploader",
                "web-uploader": uploader,
            },
            "picgoPlugins": {"picgo-plugin-web-uploader": True},
        }
    )


def _curl(key: str) -> str:
    header, url = shlex.quote(f"X-API-Key: {key}"), shlex.quote(absolute(UPLOAD))
    return (
        "#!/bin/sh\n"
        "# Uploads each file that is named and prints its link.\n"
        'for file in "$@"; do\n'
        f'  curl --fail-with-body -sS -H {header} -F format=txt -F "source=@$file" {url}\n'
        "  echo\n"
        "done\n"
    )


def _json(values: object) -> str:
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


CLIENTS: Mapping[str, Client] = {
    "sharex": Client("ShareX", "vitrine.sxcu", "application/json", _sharex),
    "picgo": Client("PicGo", "picgo.json", "application/json", _picgo),
    "curl": Client("curl", "upload.sh", "text/x-shellscript", _curl),
}
