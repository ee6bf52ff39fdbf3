"""The site speaks the visitor's language; programs are answered in English."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone, translation

from accounts import keys
from accounts.models import User
from hosting.models import Job
from tests.factories import HostedFileFactory, UserFactory

SPANISH = {"headers": {"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}}

# Values of attributes that browsers read as numbers.
NUMBERS = re.compile(
    r'\b(?:width|height|x1?|x2|y1?|y2|viewBox|min|max|sizes|data-[a-z-]+)="([\d.,\s-]+)"'
)


def language_of(client: Client, path: str = "/explore", **more: object) -> str:
    """The language that a page says it is in; it must say so twice alike."""
    response = client.get(path, **more)  # type: ignore[arg-type]
    language = response.headers["Content-Language"]
    assert f'<html lang="{language}"' in response.content.decode()
    return str(language)


def test_a_guest_reads_what_the_browser_asks_for(client: Client) -> None:
    assert language_of(client) == "en"
    assert language_of(client, **SPANISH) == "es"
    assert language_of(client, headers={"Accept-Language": "lt"}) == "lt"
    assert language_of(client, headers={"Accept-Language": "tlh, ja"}) == "en"


@pytest.mark.parametrize("language", ["en", "es", "lt"])
def test_the_footer_switches_the_language_without_javascript(client: Client, language: str) -> None:
    values = {"language": language, "next": "/explore?kind=images"}
    response = client.post("/settings/language", values)
    assert (response.status_code, response["Location"]) == (302, "/explore?kind=images")
    assert language_of(client, **SPANISH) == language


def test_the_switch_is_on_every_page_and_leads_back_to_it(client: Client) -> None:
    for path in ("/", "/search?q=sea", "/account/login/", "/nothing/here"):
        page = client.get(path).content.decode()
        assert 'action="/settings/language"' in page
        assert f'name="next" value="{path}"' in page
        assert all(f'lang="{code}"' in page for code in ("en", "es", "lt"))


def test_the_switch_leads_to_no_other_site(client: Client) -> None:
    values = {"language": "es", "next": "https://elsewhere.example/"}
    assert client.post("/settings/language", values)["Location"] == "/"


def test_a_language_that_is_none_changes_nothing(member_client: Client, member: User) -> None:
    member_client.post("/settings/language", {"language": "xx"})
    member.refresh_from_db()
    assert member.language == ""
    assert language_of(member_client) == "en"


def test_a_members_choice_is_kept_with_the_account(member_client: Client, member: User) -> None:
    member_client.post("/settings/language", {"language": "lt"})
    member.refresh_from_db()
    assert member.language == "lt"


def test_the_members_setting_stands_above_cookie_and_browser(
    member_client: Client, member: User
) -> None:
    User.objects.filter(pk=member.pk).update(language="lt")
    member_client.cookies["django_language"] = "en"
    assert language_of(member_client, **SPANISH) == "lt"
    assert language_of(member_client, "/nothing/here", **SPANISH) == "lt"


def test_signing_in_speaks_the_members_language(client: Client) -> None:
    user = UserFactory(username="rasa", language="lt")
    user.set_password("a long pass phrase")
    user.save()
    values = {"login": "rasa", "password": "a long pass phrase"}
    assert client.post("/account/login/", values).status_code == 302
    assert language_of(client, **SPANISH) == "lt"


def test_a_mail_speaks_the_language_of_whom_it_goes_to(client: Client) -> None:
    UserFactory(username="rasa", email="rasa@example.org", language="lt")
    client.post("/account/password/reset/", {"email": "rasa@example.org"}, **SPANISH)
    assert "slaptažod" in mail.outbox[0].subject.lower()
    assert "slaptažod" in mail.outbox[0].body


@pytest.mark.parametrize("language", ["es", "lt"])
def test_the_apis_answer_in_english_whatever_is_asked_for(
    client: Client, member: User, language: str
) -> None:
    User.objects.filter(pk=member.pk).update(language=language)
    _row, key = keys.create(member, name="tests")
    asked = {"headers": {"Accept-Language": language, "X-API-Key": key}}
    for method, path, values in (
        ("post", "/api/1/upload", {"source": "!!!"}),
        ("get", "/v1/delete", {}),
        ("post", "/v1/images", {}),
        ("post", "/api/v2/albums", {}),
        ("put", "/api/1/upload", {}),
    ):
        spoken = getattr(client, method)(path, values, **asked)
        plain = getattr(client, method)(path, values, headers={"X-API-Key": key})
        assert spoken.status_code == plain.status_code
        assert _steady(spoken.content) == _steady(plain.content)
        assert "Accept-Language" not in spoken.headers.get("Vary", "")


@pytest.mark.parametrize("language", ["es", "lt"])
def test_what_the_pages_scripts_show_of_the_api_is_in_the_readers_language(
    member_client: Client, language: str
) -> None:
    values = {"name": "Z", "privacy": "password"}

    def asked(**headers: str) -> str:
        answer = member_client.post(
            "/api/v2/albums",
            values,
            "application/json",
            headers={"Accept-Language": language, **headers},
        )
        assert answer.json()["code"] == "missing_password"
        return str(answer.json()["detail"])

    english = "This privacy setting requires a password."
    with translation.override(language):
        assert asked(**{"X-CSRFToken": "x"}) == translation.gettext(english) != english
    assert asked() == english


def test_a_large_upload_of_the_page_is_refused_in_the_readers_language(
    member_client: Client,
) -> None:
    values = {"Tus-Resumable": "1.0.0", "Upload-Length": "9", "Accept-Language": "es"}
    for said, spanish in (("category bm9uZQ==", "No existe esa categoría."),
                          ("width MA==", "No todos los parámetros son válidos.")):  # fmt: skip
        headers = {**values, "Upload-Metadata": said, "X-CSRFToken": "x"}
        assert member_client.post("/api/v2/uploads", headers=headers).json()["detail"] == spanish


def _steady(content: bytes) -> bytes:
    """Without the parts that every answer has of its own."""
    return re.sub(rb'"(request_id|requestId|timestamp)": ?"[^"]*"', b"", content)


def test_caches_keep_a_page_for_each_language(client: Client) -> None:
    varies = client.get("/explore").headers["Vary"]
    assert "Accept-Language" in varies
    assert "Cookie" in varies


def test_what_speaks_no_language_is_cached_once(client: Client) -> None:
    for path in ("/robots.txt", "/healthz"):
        assert "Accept-Language" not in client.get(path, **SPANISH).headers.get("Vary", "")  # type: ignore[arg-type]


def test_why_a_job_failed_is_explained_in_the_readers_language(
    member_client: Client, member: User
) -> None:
    job = Job.objects.create(
        owner=member, kind="word-to-pdf", state=Job.State.FAILED,
        error_code="too_many_bytes", error_message="The file is larger than 1.5 MB.",
    )  # fmt: skip
    page = member_client.get(f"/dashboard/jobs/{job.public_id}", **SPANISH).content.decode()
    assert "1,5 MB" in page
    assert "The file is larger" not in page


def test_sizes_and_dates_are_written_as_the_language_writes_them(
    member_client: Client, member: User
) -> None:
    file = HostedFileFactory(
        owner=member, size=1_572_864, created_at=datetime(2026, 3, 1, 12, tzinfo=UTC), stored=False
    )
    values = {}
    for language in ("en", "es", "lt"):
        User.objects.filter(pk=member.pk).update(language=language)
        values[language] = member_client.get(f"/dashboard/files/{file.public_id}").content.decode()
    assert "1.5\xa0MB" in values["en"]
    assert "1,5\xa0MB" in values["es"]
    assert "1,5\xa0MB" in values["lt"]
    assert "March 1, 2026" in values["en"]
    assert "1 de marzo de 2026" in values["es"]
    assert "2026 m. kovo 1 d." in values["lt"]


def test_how_long_ago_and_how_long_still_are_worded_in_the_language(client: Client) -> None:
    now = timezone.now()
    file = HostedFileFactory(
        created_at=now - timedelta(days=21, hours=1),
        expires_at=now + timedelta(days=2, hours=1, minutes=1),
    )
    lithuanian = client.get(file.viewer_path, headers={"Accept-Language": "lt"}).content.decode()
    lithuanian = lithuanian.replace("\xa0", " ")
    assert "prieš 3 savaites" in lithuanian
    assert "Iki ištrynimo liko: 2 dienos, 1 valanda" in lithuanian
    spanish = client.get(file.viewer_path, **SPANISH).content.decode()  # type: ignore[arg-type]
    assert "hace 3 semanas" in spanish.replace("\xa0", " ")


@pytest.mark.parametrize("language", ["es", "lt"])
def test_numbers_for_machines_stay_as_they_are(
    member_client: Client, member: User, language: str
) -> None:
    """A width of 12,5 is no width."""
    for number in range(7):
        HostedFileFactory(owner=member, width=4321, height=1234, medium=True, charged=10**number)
    for path in ("/dashboard", "/dashboard/usage", "/explore", "/tools/resize", "/"):
        plain, spoken = (
            NUMBERS.findall(
                member_client.get(path, headers={"Accept-Language": code}).content.decode()
            )
            for code in ("en", language)
        )
        assert plain == spoken


def test_a_fault_of_ours_is_reported_in_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    monkeypatch.setattr("hosting.views.home.limits_for", lambda caller: 1 / 0)
    page = client.get("/", **SPANISH).content.decode()  # type: ignore[arg-type]
    assert '<html lang="es">' in page
    assert "went wrong" not in page


def test_a_strangers_language_does_not_stay_with_the_thread(client: Client) -> None:
    client.get("/", **SPANISH)  # type: ignore[arg-type]
    refused = client.get("/", headers={"Host": "elsewhere.example"})
    assert '<html lang="en">' in refused.content.decode()


def test_a_request_about_the_server_itself_is_no_fault(client: Client) -> None:
    assert client.generic("OPTIONS", "/", PATH_INFO="*").status_code == 404
