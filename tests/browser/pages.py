"""Every page of the site, once: what the accessibility test opens, and what `make screenshots` takes.

A page that is no longer in the table or in NO_PAGES fails a test, so that none is forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.live import Site

GUEST, MEMBER, EMPTY, ADMIN = "", "ada", "newcomer", "admin"


def _open_menu(page: Page) -> None:
    page.locator("details.menu > summary").click()


def _open_all(page: Page) -> None:
    page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")


def _choose_some(page: Page) -> None:
    for box in page.locator("[data-file] input[type=checkbox]").all()[:4]:
        box.check()


@dataclass(frozen=True)
class Shown:
    """One page as one visitor sees it.

    name: also the screenshot's. path: with names of the sample's paths in braces. views: the names of the URLs
    that it shows. who: the visitor. made: the page is the answer to a form, and is kept in the sample under its
    name. ready: what is done before it is looked at. status: what it is answered with. is_long: looked at by
    axe-core in one colour, since it takes long and shorter ones of its kind are in the table.
    """

    name: str
    path: str
    views: tuple[str, ...] = ()
    who: str = GUEST
    made: bool = False
    status: int = 200
    ready: Callable[[Page], None] = field(default=lambda page: None)
    is_long: bool = False


PAGES = (
    Shown("home", "/", ("home",)),
    Shown("home-member", "/", who=MEMBER, ready=_open_all),
    Shown("home-menu", "/", who=ADMIN, ready=_open_menu),
    Shown("viewer", "{first}", ("viewer",)),
    Shown("viewer-own", "{camera}", who=MEMBER, ready=_open_all),
    Shown("viewer-video", "{video}"),
    Shown("viewer-animated", "{animated}"),
    Shown("viewer-drawing", "{drawing}"),
    Shown("viewer-blurred", "{blurred}"),
    Shown("viewer-expiring", "{expiring}"),
    Shown("viewer-private", "{private}", who=MEMBER),
    Shown("viewer-long-title", "{long}"),
    Shown("viewer-unbroken-title", "{unbroken}"),
    Shown("viewer-right-to-left", "{rtl}"),
    Shown("viewer-tall", "{tall}"),
    Shown("explore", "/explore", ("explore",)),
    Shown("explore-popular", "/explore?sort=popular"),
    Shown("explore-videos", "/explore?kind=videos"),
    Shown("explore-animated", "/explore?kind=animated"),
    Shown("category", "/category/street", ("category",)),
    Shown("category-empty", "/category/empty"),
    Shown("tag", "/tag/sea", ("tag",)),
    Shown("search", "/search?q=harbour", ("search",)),
    Shown("search-narrowed", "/search?shape=landscape&age=week"),
    Shown("search-nothing", "/search?q=nothing+like+it"),
    Shown("search-start", "/search"),
    Shown("album", "{album_open}", ("album",)),
    Shown("album-own", "{album_open}", who=MEMBER),
    Shown("album-locked", "{album_locked}", status=403),
    Shown("album-empty", "{album_inner}"),
    Shown("album-long-name", "{album_long}", who=MEMBER),
    Shown("album-codes", "/album/{album_id}/codes", ("album-codes",)),
    Shown("profile", "/ada", ("profile",)),
    Shown("profile-albums", "/ada/albums"),
    Shown("profile-likes", "/ada/likes"),
    Shown("profile-long-name", "/{long_name}"),
    Shown("profile-empty", "/newcomer"),
    Shown("dashboard", "/dashboard", ("dashboard",), MEMBER),
    Shown("dashboard-choosing", "/dashboard", who=MEMBER, ready=_choose_some),
    Shown("dashboard-list", "/dashboard?view=list", who=MEMBER),
    Shown("dashboard-empty", "/dashboard", who=EMPTY),
    Shown("edit-file", "/dashboard/files/{first_id}", ("edit-file",), MEMBER, ready=_open_all),
    Shown("selection-change", "", ("selection",), MEMBER, made=True),
    Shown("selection-delete", "", who=MEMBER, made=True),
    Shown("own-albums", "/dashboard/albums", ("own-albums",), MEMBER),
    Shown("own-albums-empty", "/dashboard/albums", who=EMPTY),
    Shown("new-album", "/dashboard/albums/new", ("new-album",), MEMBER),
    Shown("edit-album", "/dashboard/albums/{album_id}", ("edit-album",), MEMBER),
    Shown("delete-album", "/dashboard/albums/{album_id}/delete", ("delete-album",), MEMBER),
    Shown("own-jobs", "/dashboard/jobs", ("own-jobs",), MEMBER),
    Shown("own-jobs-empty", "/dashboard/jobs", who=EMPTY),
    Shown("job-done", "/dashboard/jobs/{job_done}", ("own-job",), MEMBER),
    Shown("job-failed", "/dashboard/jobs/{job_failed}", who=MEMBER),
    Shown("job-running", "/dashboard/jobs/{job_running}", who=MEMBER),
    Shown("usage", "/dashboard/usage", ("usage",), MEMBER),
    Shown("usage-empty", "/dashboard/usage", who=EMPTY),
    Shown("tools", "/tools", ("tools",), MEMBER),
    Shown("tool-compress", "/tools/compress", ("tool",), MEMBER),
    Shown("tool-convert", "/tools/convert?file={first_id}", who=MEMBER),
    Shown("tool-resize", "/tools/resize", who=MEMBER),
    Shown("tool-crop", "/tools/crop", who=MEMBER),
    Shown("tool-remove-background", "/tools/remove-background", who=MEMBER),
    Shown("tool-word-to-pdf", "/tools/word-to-pdf", who=EMPTY),
    Shown("tool-compress-to-size", "/tools/compress-to-size", who=MEMBER),
    Shown(
        "tool-result",
        "/tools/result/{result_id}?from=compress-to-size&was=90000",
        ("tool-result",),
        MEMBER,
    ),
    Shown("settings", "/settings", ("profile-settings",), MEMBER),
    Shown("settings-wrong", "", who=MEMBER, made=True),
    Shown("settings-uploads", "/settings/uploads", ("upload-settings",), MEMBER),
    Shown("settings-keys", "/settings/keys", ("keys",), MEMBER, ready=_open_all),
    Shown("settings-keys-empty", "/settings/keys", who=EMPTY),
    Shown("settings-key-made", "", who=MEMBER, made=True),
    Shown("settings-domain", "/settings/domain", ("domain-settings",), MEMBER),
    Shown("settings-data", "/settings/data", ("data-settings",), MEMBER),
    Shown("settings-email", "/account/email/", ("account_email",), MEMBER),
    Shown("settings-password", "/account/password/change/", ("account_change_password",), MEMBER),
    Shown("settings-two-factor", "/account/2fa/", ("mfa_index",), MEMBER),
    Shown("settings-two-factor-on", "/account/2fa/", who="careful"),
    Shown("two-factor-begin", "/account/2fa/totp/activate/", ("mfa_activate_totp",), MEMBER),
    Shown("two-factor-end", "/account/2fa/totp/deactivate/", ("mfa_deactivate_totp",), "careful"),
    Shown("codes", "/account/2fa/recovery-codes/", ("mfa_view_recovery_codes",), "careful"),
    Shown(
        "codes-new",
        "/account/2fa/recovery-codes/generate/",
        ("mfa_generate_recovery_codes",),
        "careful",
    ),
    Shown("reauthenticate", "/account/reauthenticate/", ("account_reauthenticate",), MEMBER),
    Shown(
        "second-factor-again", "/account/2fa/reauthenticate/", ("mfa_reauthenticate",), "careful"
    ),
    Shown("security", "/settings/security", ("security",), MEMBER),
    Shown("sessions", "/account/sessions/", ("usersessions_list",), MEMBER),
    Shown("sign-in", "/account/login/", ("account_login",)),
    Shown("second-factor", "", ("mfa_authenticate",), made=True),
    Shown("sign-up", "/account/signup/", ("account_signup",)),
    Shown("sign-out", "/account/logout/", ("account_logout",), MEMBER),
    Shown("inactive", "/account/inactive/", ("account_inactive",)),
    Shown("confirm-email-sent", "/account/confirm-email/", ("account_email_verification_sent",)),
    Shown("confirm-email", "/account/confirm-email/wrong/", ("account_confirm_email",)),
    Shown("reset", "/account/password/reset/", ("account_reset_password",)),
    Shown("reset-sent", "/account/password/reset/done/", ("account_reset_password_done",)),
    Shown("reset-form", "{reset_link}", ("account_reset_password_from_key",)),
    Shown("reset-wrong", "/account/password/reset/key/1-wrong/"),
    Shown(
        "reset-done",
        "/account/password/reset/key/done/",
        ("account_reset_password_from_key_done",),
    ),
    Shown("delete-link", "{delete_link}", ("delete-link",)),
    Shown("deleted", "", made=True),
    Shown("uploaded", "", ("upload",), made=True),
    Shown("uploaded-one", "", made=True),
    Shown("about", "/about", ("page-about",)),
    Shown("terms", "/terms", ("page-terms", "page")),
    Shown("privacy", "/privacy", ("page-privacy",)),
    Shown("contact", "/contact", ("page-contact",)),
    Shown("docs", "/api/docs", ("docs",)),
    Shown("docs-member", "/api/docs/chevereto", ("docs-api",), MEMBER),
    Shown("docs-native", "/api/docs/native", is_long=True),
    Shown("docs-imghippo", "/api/docs/imghippo"),
    Shown("docs-imgsmaller", "/api/docs/imgsmaller"),
    Shown("docs-img-processing", "/api/docs/img_processing"),
    Shown("error-400", "", made=True),
    Shown("error-403", "", made=True),
    Shown("error-403-csrf", "", made=True),
    Shown("error-404", "/nothing/here/at/all", status=404),
    Shown("error-410", "", made=True),
    Shown("error-413", "", made=True),
    Shown("error-500", "", made=True),
    Shown("admin-login", "/admin/login/", ("admin:login",)),
    Shown("notices", "/settings/notices", ("notices",), MEMBER, ready=_open_all),
    Shown("report", "/image/{reported}/report", ("report-file",), ready=_open_all),
    Shown("report-album", "/album/{album_id}/report", ("report-album",)),
    Shown("moderation", "/moderation", ("moderation",), ADMIN, ready=_open_all),
    Shown("moderation-reports", "/moderation/reports", ("reports",), ADMIN, ready=_open_all),
    Shown("moderation-appeals", "/moderation/appeals", ("appeals",), ADMIN),
    Shown("moderation-member", "/moderation/members/{long_name}", ("moderated-member",), ADMIN),
    Shown("viewer-moderator", "{first}", who=ADMIN, ready=_open_all),
    Shown("admin", "/admin/", ("admin:index",), ADMIN),
    Shown(
        "admin-files", "/admin/hosting/hostedfile/", ("admin:hosting_hostedfile_changelist",), ADMIN
    ),
)

# What answers no reader with a page of its own: forms that lead elsewhere, bytes, and what machines ask for.
NO_PAGES = frozenset(
    """
    theme language rotate-file replace-file cancel-job retry-job keep-result revoke-key client-settings export
    close-account delete like album-download api oembed robots sitemap favicon health ready media
    appeal decide undo-decision answer-appeal close-reports report-counts decide-of-member resumed
    account_set_password account_confirm_login_code
    mfa_download_recovery_codes
    """.split()
)


@dataclass
class Sample:
    """A site that has something of everything, and how to look at its pages."""

    site: Site
    people: dict[str, str]
    paths: dict[str, str]
    made: dict[str, str]

    @classmethod
    def of(cls, site: Site, photos: str = "", count: int = 16) -> Sample:
        """Fill a running site: once."""
        values = site.shell(
            "import json; from tests.browser.sample import fill;"
            f"print('SAMPLE' + json.dumps(fill({photos!r}, {count})))"
        )
        return cls(site, **json.loads(values.rpartition("SAMPLE")[2]))

    def admit(self, context: BrowserContext, who: str) -> None:
        """Sign the visitor in."""
        if who:
            cookie: Any = {"name": "sessionid", "value": self.people[who], "url": self.site.url}
            context.add_cookies([cookie])

    def visit(self, page: Page, shown: Shown) -> None:
        """Open the page and get it ready; fail where it is answered otherwise than the table says."""
        address = self.site.url + shown.path.format(**self.paths)
        if shown.made:
            address = f"{self.site.url}/made/{shown.name}"
            page.route(
                address, lambda route: route.fulfill(content_type=HTML, body=self.made[shown.name])
            )
        answer = page.goto(address)
        status = answer.status if answer else 0
        assert status == shown.status, f"{shown.name}: {status} at {address}"
        shown.ready(page)


HTML = "text/html; charset=utf-8"
