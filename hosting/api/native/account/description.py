"""The operations on the account, its keys and its webhooks."""

from __future__ import annotations

from accounts.errors import BadEnd, BadScopes
from hosting.api.native import access
from hosting.api.native.openapi import examples
from hosting.api.native.openapi.examples import DELIVERY_ID, WEBHOOK_ID
from hosting.api.native.openapi.inspector import NativeOperation
from hosting.api.native.openapi.refusals import BAD_CURSOR
from hosting.errors import HostingError

ACCOUNT = "Account"
WEBHOOKS = "Webhooks"
KEY_IDS = {"id": "7"}
IDS = {"id": WEBHOOK_ID}
NO_KEY_THERE = access.not_found("key")
NOT_FOUND = access.not_found("webhook")
UNFIT_URL = HostingError("invalid_url", "This is no URL.", "url")

ASKED_AGAIN = HostingError(
    "reauthentication_required",
    "Confirm your password first, at /account/reauthenticate/, or use a key.",
)

OPERATIONS = {
    "GET /api/v2/account": NativeOperation(
        "getAccount",
        ACCOUNT,
        "Limits and usage",
        example=examples.ACCOUNT,
    ),
    "GET /api/v2/account/keys": NativeOperation(
        "listKeys",
        ACCOUNT,
        "List keys",
        "A test key knows of test keys alone.",
        asked={"size": 30},
        example=examples.KEY,
        refusals=(BAD_CURSOR,),
    ),
    "POST /api/v2/account/keys": NativeOperation(
        "createKey",
        ACCOUNT,
        "Make a key",
        "`secret` is the key itself; it is told this once. It takes the scope `account`; a key gives no "
        "scope that it lacks itself, and what it made is revoked with it.",
        sent={
            "live": {"name": "My script"},
            "test": {"name": "Trying out", "kind": "test"},
            "uploader": {"name": "Camera", "scopes": ["upload"]},
        },
        example=examples.CREATED_KEY,
        refusals=(
            HostingError("forbidden", "A test key makes test keys alone.", "kind"),
            HostingError("too_many_keys", "An account has at most 100 keys."),
            BadScopes("A key cannot give another key scopes that it does not have itself."),
            BadEnd(),
            ASKED_AGAIN,
        ),
    ),
    "GET /api/v2/account/keys/{id}": NativeOperation(
        "getKey",
        ACCOUNT,
        "Look at a key",
        ids=KEY_IDS,
        example=examples.KEY,
        refusals=(NO_KEY_THERE,),
    ),
    "DELETE /api/v2/account/keys/{id}": NativeOperation(
        "revokeKey",
        ACCOUNT,
        "Revoke a key",
        "It opens nothing from now on, and stays in the list.",
        ids=KEY_IDS,
        versioned=True,
        refusals=(NO_KEY_THERE,),
    ),
    "GET /api/v2/webhooks": NativeOperation(
        "listWebhooks",
        WEBHOOKS,
        "List webhooks",
        asked={"size": 30},
        example=examples.WEBHOOK,
        refusals=(BAD_CURSOR,),
    ),
    "POST /api/v2/webhooks": NativeOperation(
        "createWebhook",
        WEBHOOKS,
        "Have an address told of events",
        "Events are signed as [Standard Webhooks](https://www.standardwebhooks.com) says; `secret` signs them "
        "and is told this once. What is not answered with 2xx is tried again for two days.",
        sent={
            "webhook": {
                "url": "https://example.org/hooks/pictures",
                "events": ["file.created", "job.done"],
            }
        },
        example=examples.CREATED_WEBHOOK,
        refusals=(
            UNFIT_URL,
            HostingError("too_many_webhooks", "An account has at most 10 webhooks."),
            ASKED_AGAIN,
        ),
    ),
    "GET /api/v2/webhooks/{id}": NativeOperation(
        "getWebhook",
        WEBHOOKS,
        "Look at a webhook",
        ids=IDS,
        example=examples.WEBHOOK,
        refusals=(NOT_FOUND,),
    ),
    "PATCH /api/v2/webhooks/{id}": NativeOperation(
        "editWebhook",
        WEBHOOKS,
        "Edit a webhook",
        "What is not named stays. `enabled` as true forgets that it failed.",
        ids=IDS,
        sent={"again": {"enabled": True}},
        example=examples.WEBHOOK,
        versioned=True,
        refusals=(NOT_FOUND, UNFIT_URL, ASKED_AGAIN),
    ),
    "DELETE /api/v2/webhooks/{id}": NativeOperation(
        "deleteWebhook",
        WEBHOOKS,
        "Delete a webhook",
        "With its log; what waits to be sent is not sent.",
        ids=IDS,
        versioned=True,
        refusals=(NOT_FOUND,),
    ),
    "GET /api/v2/webhooks/{id}/deliveries": NativeOperation(
        "listDeliveries",
        WEBHOOKS,
        "What was sent to a webhook",
        "The newest first, for thirty days.",
        ids=IDS,
        asked={"size": 30},
        example=examples.DELIVERY,
        refusals=(NOT_FOUND, BAD_CURSOR),
    ),
    "POST /api/v2/webhooks/{id}/deliveries/{delivery}/redeliver": NativeOperation(
        "redeliver",
        WEBHOOKS,
        "Send an event again",
        "Once more, whatever became of it, under the same `webhook-id`.",
        ids={**IDS, "delivery": DELIVERY_ID},
        example={**examples.DELIVERY, "state": "pending", "attempts": 0, "ended_at": None},
        refusals=(NOT_FOUND, access.not_found("delivery")),
    ),
}
