"""The operations on the account, its keys and its webhooks."""

from __future__ import annotations

from accounts.errors import BadEnd, BadScopes
from hosting.api.native.account.requests import MOST_KEYS
from hosting.api.native.openapi import examples
from hosting.api.native.openapi.examples import DELIVERY_ID, WEBHOOK_ID
from hosting.api.native.openapi.inspector import NativeOperation
from hosting.api.native.openapi.refusals import BAD_CURSOR
from hosting.errors import HostingError
from hosting.webhooks.registration import MOST_WEBHOOKS

ACCOUNT = "Account"
WEBHOOKS = "Webhooks"
KEY_IDS = {"id": "7"}
IDS = {"id": WEBHOOK_ID}
NO_KEY_THERE = HostingError("not_found.key")
NOT_FOUND = HostingError("not_found.webhook")
UNFIT_URL = HostingError("invalid_url", param="url")

ASKED_AGAIN = HostingError("reauthentication_required")

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
        "A test key lists only test keys.",
        asked={"size": 30},
        example=examples.KEY,
        refusals=(BAD_CURSOR,),
    ),
    "POST /api/v2/account/keys": NativeOperation(
        "createKey",
        ACCOUNT,
        "Create a key",
        "`secret` is the key itself; it is shown only once. This takes the scope `account`; a key gives no "
        "scope that it lacks itself, and what it made is revoked with it.",
        sent={
            "live": {"name": "My script"},
            "test": {"name": "Trying out", "kind": "test"},
            "uploader": {"name": "Camera", "scopes": ["upload"]},
        },
        example=examples.CREATED_KEY,
        refusals=(
            HostingError("forbidden.test_key", param="kind"),
            HostingError("too_many_keys", number=MOST_KEYS),
            BadScopes("A key cannot give another key scopes that it does not have itself."),
            BadEnd(),
            ASKED_AGAIN,
        ),
    ),
    "GET /api/v2/account/keys/{id}": NativeOperation(
        "getKey",
        ACCOUNT,
        "Get a key",
        ids=KEY_IDS,
        example=examples.KEY,
        refusals=(NO_KEY_THERE,),
    ),
    "DELETE /api/v2/account/keys/{id}": NativeOperation(
        "revokeKey",
        ACCOUNT,
        "Revoke a key",
        "It stops working immediately, and stays in the list.",
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
        "Create a webhook",
        "Events are signed as described by [Standard Webhooks](https://www.standardwebhooks.com); "
        "`secret` is the signing secret and is shown only once. Deliveries that are not answered "
        "with 2xx are retried for two days.",
        sent={
            "webhook": {
                "url": "https://example.org/hooks/pictures",
                "events": ["file.created", "job.done"],
            }
        },
        example=examples.CREATED_WEBHOOK,
        refusals=(
            UNFIT_URL,
            HostingError("too_many_webhooks", number=MOST_WEBHOOKS),
            ASKED_AGAIN,
        ),
    ),
    "GET /api/v2/webhooks/{id}": NativeOperation(
        "getWebhook",
        WEBHOOKS,
        "Get a webhook",
        ids=IDS,
        example=examples.WEBHOOK,
        refusals=(NOT_FOUND,),
    ),
    "PATCH /api/v2/webhooks/{id}": NativeOperation(
        "editWebhook",
        WEBHOOKS,
        "Edit a webhook",
        "Omitted fields stay unchanged. Setting `enabled` to true also clears its failures.",
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
        "Its delivery log is deleted too; pending deliveries are not sent.",
        ids=IDS,
        versioned=True,
        refusals=(NOT_FOUND,),
    ),
    "GET /api/v2/webhooks/{id}/deliveries": NativeOperation(
        "listDeliveries",
        WEBHOOKS,
        "List deliveries",
        "Newest first, for thirty days.",
        ids=IDS,
        asked={"size": 30},
        example=examples.DELIVERY,
        refusals=(NOT_FOUND, BAD_CURSOR),
    ),
    "POST /api/v2/webhooks/{id}/deliveries/{delivery}/redeliver": NativeOperation(
        "redeliver",
        WEBHOOKS,
        "Redeliver an event",
        "Sends it again, whatever the earlier outcome, with the same `webhook-id`.",
        ids={**IDS, "delivery": DELIVERY_ID},
        example={**examples.DELIVERY, "state": "pending", "attempts": 0, "ended_at": None},
        refusals=(NOT_FOUND, HostingError("not_found.delivery")),
    ),
}
