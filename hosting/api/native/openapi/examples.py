"""Examples of this API's requests and answers, as they would be on this site."""

from __future__ import annotations

from typing import Any

from django.conf import settings

FILE_ID = "k3Vd9ZpQ2aX"
ALBUM_ID = "Hn7mT2cLw5R"
JOB_ID = "Qx8rB4yUe1S"
WEBHOOK_ID = "Zt6gN3oKj9D"
DELIVERY_ID = "Wc5fM1iPs7V"
UPLOAD_ID = "b7Rk2WqXy9Tn4HcL6dVs8PzM"
CREATED = "2026-05-14T09:26:53Z"


def _at(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


FILE: dict[str, Any] = {
    "id": FILE_ID,
    "title": "A harbour in the morning",
    "description": "",
    "tags": ["harbour", "morning"],
    "album": ALBUM_ID,
    "category": None,
    "owner": "alice",
    "nsfw": False,
    "privacy": "public",
    "expires_at": None,
    "kind": "image",
    "format": "jpeg",
    "width": 1600,
    "height": 1200,
    "frames": 1,
    "duration": 0.0,
    "size": 284_711,
    "original_filename": "harbour.jpg",
    "url": _at("/images/2026/05/14/harbour.jpg"),
    "viewer_url": _at(f"/image/harbour.{FILE_ID}"),
    "thumb_url": _at("/images/2026/05/14/harbour.th.jpg"),
    "medium_url": _at("/images/2026/05/14/harbour.md.jpg"),
    "views": 12,
    "likes": 3,
    "created_at": CREATED,
}
CREATED_FILE = {**FILE, "delete_url": _at(f"/image/{FILE_ID}/delete/3q2-7w")}
UPLOAD = {
    "id": UPLOAD_ID,
    "length": FILE["size"],
    "offset": FILE["size"],
    "is_duplicate": False,
    "expires_at": "2026-05-15T09:26:53Z",
    "file": CREATED_FILE,
}
LIKE = {"liked": True, "likes": 4}
BULK = {
    "id": FILE_ID,
    "status": 404,
    "error": {"code": "not_found", "message": "There is no such file."},
}
ALBUM: dict[str, Any] = {
    "id": ALBUM_ID,
    "name": "By the sea",
    "description": "Two weeks in May.",
    "privacy": "public",
    "parent": None,
    "owner": "alice",
    "cover": FILE_ID,
    "cover_url": _at("/images/2026/05/14/harbour.th.jpg"),
    "count": 42,
    "viewer_url": _at(f"/album/by-the-sea.{ALBUM_ID}"),
    "created_at": CREATED,
    "updated_at": CREATED,
}
PROOF = {"proof": f"{ALBUM_ID}.9f86d081884c7d659a2feaa0c55ad015"}
CATEGORY = {"id": 1, "name": "Animals", "url_key": "animals", "description": ""}
TAG = {"name": "harbour"}
STEPS = [{"operation": "resize", "width": 800}, {"operation": "blur", "sigma": 2.0}]
JOB: dict[str, Any] = {
    "id": JOB_ID,
    "kind": "pipeline",
    "state": "queued",
    "progress": 0,
    "pipeline": STEPS,
    "output": {"format": "webp", "quality": 80, "animated": True},
    "error": None,
    "result": None,
    "created_at": CREATED,
    "started_at": None,
    "ended_at": None,
}
CANCELLED_JOB = {**JOB, "state": "cancelled", "ended_at": CREATED}
ACCOUNT = {
    "username": "alice",
    "stage": "live",
    "plan": {"name": "Free"},
    "limits": {
        "storage": 524_288_000,
        "file_size": 52_428_800,
        "compressions_per_day": 100,
        "requests_per_minute": 100,
    },
    "usage": {
        "storage": 81_220_411,
        "files": 128,
        "albums": 6,
        "compressions_today": 0,
        "images_this_month": 17,
    },
    "created_at": CREATED,
}
KEY = {
    "id": 7,
    "name": "My script",
    "kind": "live",
    "prefix": "live_3vK9sQxT",
    "scopes": ["read", "upload", "process", "edit", "delete"],
    "ends_at": None,
    "created_at": CREATED,
    "last_used_at": None,
    "last_used_from": None,
    "revoked_at": None,
}
CREATED_KEY = {**KEY, "secret": "live_3vK9sQxT_the-other-43-characters"}
WEBHOOK: dict[str, Any] = {
    "id": WEBHOOK_ID,
    "url": "https://example.org/hooks/pictures",
    "description": "",
    "events": ["file.created", "job.done"],
    "enabled": True,
    "disabled_reason": "",
    "failing_since": None,
    "created_at": CREATED,
}
CREATED_WEBHOOK = {**WEBHOOK, "secret": "whsec_c2VjcmV0IG9mIHRoaXMgd2ViaG9vaw=="}
DELIVERY = {
    "id": DELIVERY_ID,
    "message_id": "msg_0Jm3Yx7Tq2Lr5Vb8",
    "event": "file.created",
    "state": "delivered",
    "attempts": 1,
    "response_status": 204,
    "error": "",
    "next_at": CREATED,
    "created_at": CREATED,
    "ended_at": CREATED,
}
