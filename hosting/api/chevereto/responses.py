"""What Chevereto's and ImgBB's clients read: the image object, field by field.

Names, order and types are those of the example on the API's own page.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Literal

from django.utils import timezone
from django.utils.html import escape
from django.utils.timesince import timesince
from pydantic import Field
from typing_extensions import TypedDict

from hosting.delivery.links import absolute, url_of
from hosting.files.variants import FRAME, MEDIUM, THUMB
from hosting.models import HostedFile, Variant

# Bits of `chain`: which stored objects there are.
CHAIN = {FRAME: 16, "image": 4, MEDIUM: 2, THUMB: 1}
TRUNCATED = 28
# Above this many bytes Chevereto's own viewer asks before it loads the picture.
LOADER_BYTES = 5_000_000
# Above this many bytes a list shows the thumbnail where there is no medium.
DISPLAY_BYTES = 200_000

Flag = Annotated[int, Field(ge=0, le=1)]
Bytes = Annotated[int, Field(ge=0, description="Bytes.")]


class Names(TypedDict):
    """A stored object's file name, in two parts."""

    name: str
    extension: str


class Tag(TypedDict):
    """A tag."""

    name: str
    name_safe_html: str
    url_key: str
    url: str


class Stored(TypedDict, total=False):
    """A stored object; all of it null where there is none, without url while it waits for a moderator."""

    filename: str | None
    name: str | None
    mime: str | None
    extension: str | None
    url: Annotated[str | None, Field(description="The direct link.")]
    size: Bytes


class Resource(TypedDict):
    """Where the file is."""

    type: Literal["url"]


class Place(TypedDict):
    """Where the file is."""

    resource: Resource


class Links(TypedDict, total=False):
    """What is not there while the file waits for a moderator; frame: of videos alone."""

    url: Annotated[str, Field(description="The direct link.")]
    frame: Stored
    url_frame: Annotated[str, Field(description="For videos: the direct link to the first frame.")]
    display_url: Annotated[str, Field(description="A smaller version for lists.")]


class Image(Links):
    """The file, in Chevereto's form."""

    name: str
    extension: str
    size: Bytes
    width: int
    height: int
    date: Annotated[str, Field(description="Date of the upload, in the site's time zone.")]
    date_gmt: str
    title: str
    tags: list[Tag]
    description: str | None
    nsfw: Flag
    storage_mode: Literal["datefolder"]
    md5: Annotated[str, Field(description="MD5 of the stored file.")]
    source_md5: Annotated[
        str | None, Field(description="MD5 of the uploaded file, if it was changed.")
    ]
    original_filename: str
    original_exifdata: Annotated[str | None, Field(description="A JSON string.")]
    views: int
    category_id: int | None
    chain: Annotated[int, Field(description="Bit mask of the available versions.")]
    thumb_size: Bytes
    medium_size: Bytes
    frame_size: Bytes
    expiration_date_gmt: str | None
    likes: int
    is_animated: Flag
    is_approved: Flag
    is_360: Flag
    duration: Annotated[int, Field(description="For videos, in seconds.")]
    type: Annotated[str, Field(json_schema_extra={"enum": [*HostedFile.Kind.values]})]
    tags_string: str
    file: Place
    id_encoded: str
    filename: str
    mime: str
    ratio: float
    size_formatted: str
    image: Stored
    thumb: Stored
    medium: Stored
    duration_time: str
    url_viewer: Annotated[str, Field(description="The view page.")]
    path_viewer: str
    url_short: str
    display_width: int
    display_height: int
    views_label: str
    likes_label: str
    how_long_ago: str
    date_fixed_peer: str
    title_truncated: str
    title_truncated_html: str
    is_use_loader: bool
    display_title: str
    delete_url: Annotated[
        str | None,
        Field(description="The delete link, shown only once; null for duplicates."),
    ]


class ImgbbImage(Image):
    """The file, with the members that only ImgBB has."""

    id: str
    time: Annotated[int, Field(description="Time of the upload, in seconds since 1970.")]
    expiration: Annotated[int, Field(description="Seconds until it is deleted; 0 for never.")]


class Message(TypedDict):
    """What was done."""

    message: str
    code: Literal[200]


class Success(TypedDict):
    """The answer of `/api/1/upload`."""

    status_code: Literal[200]
    success: Message
    image: Image
    status_txt: Literal["OK"]


class MixedSuccess(TypedDict):
    """The answer of `/api/1/upload` to a request in ImgBB's words (`image` for `source`)."""

    status_code: Literal[200]
    success: Message
    data: ImgbbImage
    status: Literal[200]
    status_txt: Literal["OK"]


class ImgbbSuccess(TypedDict):
    """The answer of `/1/upload`."""

    data: ImgbbImage
    success: Literal[True]
    status: Literal[200]


Answer = Success | MixedSuccess | ImgbbSuccess


def success(image: Image) -> Success:
    """The whole answer of `/api/1/upload`."""
    return {
        "status_code": 200,
        "success": {"message": "file uploaded", "code": 200},
        "image": image,
        "status_txt": "OK",
    }


def mixed_success(image: ImgbbImage) -> MixedSuccess:
    """The whole answer of `/api/1/upload` to ImgBB's words."""
    return {
        "status_code": 200,
        "success": {"message": "file uploaded", "code": 200},
        "data": image,
        "status": 200,
        "status_txt": "OK",
    }


def imgbb_success(image: ImgbbImage) -> ImgbbSuccess:
    """The whole answer of `/1/upload`."""
    return {"data": image, "success": True, "status": 200}


def imgbb_image(file: HostedFile, delete_url: str | None) -> ImgbbImage:
    """The image object with the fields that only ImgBB has."""
    left = (file.expires_at - timezone.now()).total_seconds() if file.expires_at else 0
    return {
        "id": file.public_id,
        **image(file, delete_url),
        "time": int(file.created_at.timestamp()),
        "expiration": round(left),
    }


def image(file: HostedFile, delete_url: str | None) -> Image:
    """The image object. `delete_url` is None where the secret is not known any more."""
    variants = {variant.name: variant for variant in file.variants.all()}
    tags = list(file.tags.all())
    title, shown = file.title, file.display_title
    display = _displayed(file, variants)
    short = shown if len(shown) <= TRUNCATED else shown[: TRUNCATED - 3] + "..."
    answer: Image = {
        **_names(file),
        "size": file.size,
        "width": file.width,
        "height": file.height,
        "date": _date(timezone.localtime(file.created_at)),
        "date_gmt": _date(file.created_at),
        "title": title,
        "tags": [_tag(tag.name, tag.url_key) for tag in tags],
        "description": file.description or None,
        "nsfw": int(file.nsfw),
        "storage_mode": "datefolder",
        "md5": file.md5,
        "source_md5": file.source_md5 or None,
        "original_filename": file.original_filename,
        "original_exifdata": json.dumps(file.exif) if file.exif else None,
        "views": file.views,
        "category_id": file.category_id,
        "chain": CHAIN["image"] + sum(CHAIN.get(name, 0) for name in variants),
        "thumb_size": _size(variants.get(THUMB)),
        "medium_size": _size(variants.get(MEDIUM)),
        "frame_size": _size(variants.get(FRAME)),
        "expiration_date_gmt": _date(file.expires_at) if file.expires_at else None,
        "likes": file.likes,
        "is_animated": int(file.is_animated),
        "is_approved": int(file.is_approved),
        "is_360": int(file.is_360),
        "duration": round(file.duration) if file.kind == file.Kind.VIDEO else 0,
        "type": file.kind,
        "tags_string": ", ".join(tag.name for tag in tags),
        "file": {"resource": {"type": "url"}},
        "id_encoded": file.public_id,
        "filename": file.filename,
        "mime": file.file_format.mime,
        "url": url_of(file),
        "ratio": file.width / file.height if file.height else 1.0,
        "size_formatted": size_formatted(file.size),
        "frame": _stored(variants.get(FRAME)),
        "image": _stored(file),
        "thumb": _stored(variants.get(THUMB)),
        "url_frame": url_of(variants[FRAME]) if FRAME in variants else "",
        "medium": _stored(variants.get(MEDIUM)),
        "duration_time": _clock(file.duration) if file.kind == file.Kind.VIDEO else "",
        "url_viewer": absolute(file.viewer_path),
        "path_viewer": file.viewer_path,
        "url_short": absolute(file.short_path),
        "display_url": url_of(display),
        "display_width": display.width,
        "display_height": display.height,
        "views_label": "view" if file.views == 1 else "views",
        "likes_label": "like" if file.likes == 1 else "likes",
        "how_long_ago": _ago(file.created_at),
        "date_fixed_peer": _date(file.created_at),
        "title_truncated": short,
        "title_truncated_html": escape(short),
        "is_use_loader": file.size > LOADER_BYTES,
        "display_title": shown,
        "delete_url": delete_url,
    }
    if FRAME not in variants:
        del answer["frame"]
    return answer if file.is_approved else _without_links(answer)


def size_formatted(size: int) -> str:
    """Bytes as people read them: thousands, one decimal, none where it is nought ("3 MB")."""
    amount, unit = float(size), "B"
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if amount < 1000 or unit == "TB":
            break
        amount /= 1000
    return f"{amount:.1f}".removesuffix(".0") + f" {unit}"


def _names(thing: HostedFile | Variant) -> Names:
    name, _, extension = thing.filename.rpartition(".")
    return {"name": name, "extension": extension}


def _stored(thing: HostedFile | Variant | None) -> Stored:
    if thing is None:
        return {"filename": None, "name": None, "mime": None, "extension": None, "url": None}
    return {
        "filename": thing.filename,
        "name": _names(thing)["name"],
        "mime": thing.file_format.mime,
        "extension": _names(thing)["extension"],
        "url": url_of(thing),
        "size": thing.size,
    }


def _without_links(answer: Image) -> Image:
    """An upload that waits for a moderator: nothing in the answer shows it yet."""
    answer.pop("url", None)
    answer.pop("display_url", None)
    answer.pop("url_frame", None)
    for stored in (answer["image"], answer["thumb"], answer["medium"], answer.get("frame", {})):
        stored.pop("url", None)
    return answer


def _displayed(file: HostedFile, variants: dict[str, Variant]) -> HostedFile | Variant:
    """The picture for lists: medium, a video's frame, the thumbnail of a heavy file, or the file."""
    heavy = file.size > DISPLAY_BYTES
    light = variants.get(THUMB) if heavy else None
    return variants.get(MEDIUM) or variants.get(FRAME) or light or file


def _tag(name: str, url_key: str) -> Tag:
    return {
        "name": name,
        "name_safe_html": escape(name),
        "url_key": url_key,
        "url": absolute(f"/tag/{url_key}"),
    }


def _size(variant: Variant | None) -> int:
    return variant.size if variant is not None else 0


def _date(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S}"


def _clock(seconds: float) -> str:
    return f"{round(seconds) // 60:02d}:{round(seconds) % 60:02d}"


def _ago(when: datetime) -> str:
    """The largest unit alone: "3 weeks ago"."""
    since = timesince(when, depth=1).replace("\xa0", " ")
    return "moments ago" if since.startswith("0 ") else f"{since} ago"
