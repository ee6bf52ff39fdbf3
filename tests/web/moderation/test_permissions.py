"""Who reaches which of the moderators' pages, and which of the admin's: every address, by every role."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from accounts.models import User
from hosting.audit import COMMAND_LINE
from hosting.models import Decision, HostedFile
from hosting.moderation import decisions
from tests.factories import HostedFileFactory, UserFactory, sign_in

pytestmark = pytest.mark.django_db

ROLES = ("guest", "member", "clerk", "moderator", "administrator", "boss")


@pytest.fixture
def visitors() -> dict[str, Client]:
    people = {
        "member": UserFactory(),
        "clerk": UserFactory(is_staff=True),
        "moderator": UserFactory(is_staff=True),
        "administrator": UserFactory(is_staff=True),
        "boss": UserFactory(is_staff=True, is_superuser=True),
    }
    people["moderator"].groups.add(Group.objects.get(name="Moderators"))
    people["administrator"].groups.add(Group.objects.get(name="Administrators"))
    clients = {"guest": Client()}
    for role, user in people.items():
        clients[role] = Client()
        sign_in(clients[role], user)
    return clients


def moderation_addresses() -> Iterator[tuple[str, str]]:
    """The name and an example of each address below /moderation."""
    values = {"kind": "file", "public_id": "AbCdEfGhIjK", "username": "alice"}

    def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            else:
                yield pattern

    for pattern in walk(get_resolver().url_patterns):
        if pattern.callback.__module__.startswith("hosting.views.moderation."):
            names = pattern.pattern.regex.groupindex
            yield (
                str(pattern.name),
                reverse(str(pattern.name), kwargs={name: values[name] for name in names}),
            )


def test_only_staff_who_may_change_files_reach_any_of_the_moderators_pages(
    visitors: dict[str, Client],
) -> None:
    UserFactory(username="alice")
    addresses = dict(moderation_addresses())
    assert len(addresses) >= 9

    for name, address in addresses.items():
        for method in ("get", "post"):
            statuses = {
                role: getattr(client, method)(address).status_code
                for role, client in visitors.items()
            }
            assert statuses["guest"] == 302, (name, method)
            assert statuses["member"] == statuses["clerk"] == 403, (name, method)
            for role in ("moderator", "administrator", "boss"):
                assert statuses[role] in (200, 302, 404, 405), (name, method, role, statuses)


# What a moderator sees of the admin; all else, settings, keys, addresses and accounts among it, is not there.
OF_MODERATORS = {
    "hosting.hostedfile", "hosting.variant", "hosting.album", "hosting.category", "hosting.tag",
    "hosting.ban", "hosting.bannedcontent", "hosting.decision", "hosting.staffnote",
}  # fmt: skip


def test_a_moderator_reaches_of_the_admin_what_is_theirs_and_nothing_else(
    visitors: dict[str, Client],
) -> None:
    reached = set()
    for model in admin.site._registry:
        label = f"{model._meta.app_label}.{model._meta.model_name}"
        page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        if visitors["moderator"].get(page).status_code == 200:
            reached.add(label)
        for role in ("guest", "member", "clerk"):
            assert visitors[role].get(page).status_code in (302, 403), (label, role)
        assert visitors["boss"].get(page, follow=True).status_code == 200, label

    assert reached <= OF_MODERATORS
    assert reached >= {"hosting.hostedfile", "hosting.decision", "hosting.ban"}


def test_addresses_are_a_right_of_their_own(visitors: dict[str, Client]) -> None:
    file = HostedFileFactory(uploader_ip="203.0.113.77", review="waiting", is_approved=False)
    page = reverse("admin:hosting_hostedfile_change", args=[file.pk])

    for address in (page, "/moderation", file.viewer_path):
        assert b"203.0.113.77" not in visitors["moderator"].get(address).content, address
    assert b"203.0.113.77" in visitors["administrator"].get(page).content
    for query in ("q=203.0.113.77", "uploader_ip__startswith=203.0", "uploader_ip=203.0.113.77"):
        found = visitors["moderator"].get(f"/admin/hosting/hostedfile/?{query}").content
        assert file.title.encode() not in found, query
    found = visitors["administrator"].get("/admin/hosting/hostedfile/?uploader_ip=203.0.113.77")
    assert file.title.encode() in found.content


@pytest.mark.parametrize("role", ["guest", "member", "clerk"])
@pytest.mark.parametrize("action", ["approve", "reject", "remove", "lock", "mark_nsfw", "ban"])
def test_nobody_else_decides(visitors: dict[str, Client], role: str, action: str) -> None:
    owner = UserFactory()
    file = HostedFileFactory(owner=owner)

    visitors[role].post("/moderation/decide", {"file": file.public_id, "action": action})
    visitors[role].post(f"/moderation/members/{owner.username}/decide", {"action": "suspend"})

    after = HostedFile.every.get(pk=file.pk)
    assert (after.review, after.withheld, after.nsfw) == ("", "", False)
    assert User.objects.get(pk=owner.pk).suspended_at is None


def clerk_with(*rights: str) -> User:
    """Staff with these rights of `hosting`, and no group's."""
    user = UserFactory(is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    return user


def test_taking_back_a_removal_takes_the_right_to_remove(client: Client) -> None:
    owner = UserFactory()
    decision = decisions.decide(HostedFileFactory(owner=owner), "lock", COMMAND_LINE)
    decisions.appeal(decision, "Please.")
    sign_in(client, clerk_with("change_hostedfile", "moderate_members"))

    answers = (
        client.post(f"/moderation/appeals/{decision.public_id}", {"answer": "grant"}),
        client.post(f"/moderation/appeals/{decision.public_id}", {"answer": "deny"}),
        client.post(
            f"/moderation/members/{owner.username}/decide",
            {"action": "undo", "decision": decision.public_id},
        ),
    )

    assert {answer.status_code for answer in answers} == {403}
    assert Decision.objects.get(pk=decision.pk).appeal == "open"


def test_moderators_do_not_answer_their_own_appeals(client: Client) -> None:
    moderator = UserFactory(is_staff=True)
    moderator.groups.add(Group.objects.get(name="Moderators"))
    decision = decisions.decide(HostedFileFactory(owner=moderator), "reject", COMMAND_LINE)
    decisions.appeal(decision, "It is mine.")
    sign_in(client, moderator)

    answers = (
        client.post(f"/moderation/appeals/{decision.public_id}", {"answer": "grant"}),
        client.post(
            f"/moderation/members/{moderator.username}/decide",
            {"action": "undo", "decision": decision.public_id},
        ),
    )

    assert {answer.status_code for answer in answers} == {403}
    assert Decision.objects.get(pk=decision.pk).undone_at is None


def test_a_ban_that_would_meet_staff_bans_no_one(client: Client) -> None:
    moderator, offender = UserFactory(is_staff=True), UserFactory()
    moderator.groups.add(Group.objects.get(name="Moderators"))
    files = [HostedFileFactory(owner=UserFactory(is_staff=True)), HostedFileFactory(owner=offender)]
    sign_in(client, moderator)

    client.post("/moderation/decide", {"action": "ban", "file": [one.public_id for one in files]})

    assert not User.objects.filter(suspended_at__isnull=False).exists()


def test_the_answer_to_a_denied_appeal_reaches_its_owner(client: Client) -> None:
    owner = UserFactory()
    decision = decisions.decide(HostedFileFactory(owner=owner), "reject", COMMAND_LINE, text="No.")
    decisions.appeal(decision, "Why?")
    sign_in(client, UserFactory(is_staff=True, is_superuser=True))
    address = f"/moderation/appeals/{decision.public_id}"
    client.post(address, {"answer": "deny", "text": "It shows a stranger."})

    sign_in(client, owner)
    notices = client.get("/settings/notices").content.decode()

    assert "No." in notices
    assert "It shows a stranger." in notices
