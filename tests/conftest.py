"""Fixtures that every part of the suite shares."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test.client import ClientMixin
from pytest_django.plugin import blocking_manager_key

from accounts import sessions
from tests.light import LightSite
from tests.live import ROOT, Site
from tests.packages import missing

# The files that take longest, of tests that share nothing dear: each test may run on any worker.
ALONE = {
    "tests/api/imghippo/test_heavy_work.py",
    "tests/api/imgsmaller/test_compress.py",
    "tests/api/schema/test_conformance.py",
    "tests/processing/office/test_word.py",
    "tests/processing/operations/test_background.py",
    "tests/processing/test_target_size.py",
    "tests/services/test_broker.py",
    "tests/services/test_killed_workers.py",
    "tests/services/test_supervisor.py",
}

PEOPLE = """
import json
from accounts import keys
from accounts.models import User
from accounts.scopes import SCOPES
from hosting.models import Album, Category

def key(name, **more):
    user, _ = User.objects.get_or_create(username=name)
    User.objects.filter(pk=user.pk).update(**more)
    return keys.create(user, name="tests", scopes=SCOPES)[1]

people = {
    "alice": key("alice", own_storage_limit=10**10),
    "bob": key("bob", own_storage_limit=10**10),
    "admin": key("admin"),
    "guest": keys.guest_access().key,
    "alices_album": Album.objects.create(owner=User.objects.get(username="alice"), name="Hers").public_id,
    "bobs_album": Album.objects.create(owner=User.objects.get(username="bob"), name="His").public_id,
    "category": Category.objects.get_or_create(name="Animals", url_key="animals")[0].pk,
}
print(json.dumps(people))
"""


# All tests of a worker come from one address; what a guest may do in a while has tests of its own.
UNLIMITED = """
from accounts import keys
from accounts.models import GuestAccess
keys.guest_access()
GuestAccess.objects.update(uploads_per_minute=None, uploads_per_hour=None, uploads_per_day=None,
                           total_per_hour=None, total_per_day=None)
"""


def _session(client: Any) -> SessionStore:
    """The session of Django's test client, which reads and writes the cookie without asking the middleware."""
    name = django_settings.SESSION_COOKIE_NAME
    if cookie := client.cookies.get(name):
        return SessionStore(sessions.key_of(cookie.value))
    session = SessionStore()
    session.save()
    client.cookies[name] = sessions.signed(str(session.session_key))
    return session


def _set_login_cookies(client: Any, request: Any) -> None:
    name = django_settings.SESSION_COOKIE_NAME
    client.cookies[name] = sessions.signed(request.session.session_key)


ClientMixin.session = property(_session)
ClientMixin._set_login_cookies = _set_login_cookies


@dataclass
class People:
    """The cast: Alice, who owns; Bob, who must not see what is hers; the administrator; guests."""

    alice: str
    bob: str
    admin: str
    guest: str
    alices_album: str
    bobs_album: str
    category: int


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running site for all tests of a worker."""
    with LightSite(tmp_path_factory.mktemp("site") / "data") as running:
        running.shell(UNLIMITED)
        yield running


@pytest.fixture(scope="session")
def people(site: Site) -> People:
    """The cast on the running site, by their keys."""
    return People(**json.loads(site.shell(PEOPLE)))


@pytest.fixture(scope="session")
def needs() -> Callable[[str, str], str]:
    """Ask for a program of a Debian package: its path, or a skip that names the package (in CI a failure)."""
    return lambda program, package: shutil.which(program) or missing(program, package)


@pytest.fixture(autouse=True)
def _clean_storage(request: pytest.FixtureRequest, settings: Any) -> Iterator[None]:
    """Tests that write into the storage of this process find it empty and leave it so."""
    yield
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        shutil.rmtree(settings.FILES_ROOT, ignore_errors=True)


def pytest_configure(config: pytest.Config) -> None:
    """Give the processes of one run a folder for what is made once for all of them."""
    if "TESTS_SHARED_DIR" not in os.environ:
        folder = os.environ["TESTS_SHARED_DIR"] = tempfile.mkdtemp(prefix="vitrine-tests-shared-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Several workers begin with the slow tests: none is left for the end, with the other workers idle."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out whole files, so that what their tests share is made once; the tests of ALONE one by one."""
    from xdist.scheduler import LoadScopeScheduling

    if missing_files := [name for name in ALONE if not (ROOT / name).is_file()]:
        raise pytest.UsageError(f"ALONE names files that are not there: {missing_files}")

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            return nodeid if file in ALONE else file

    return Scheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Tests of real transactions empty the tables behind them: what migrations put there comes back.

    In one process such tests run last; side by side, files of other tests come after theirs.
    """
    yield
    marker = item.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        with item.config.stash[blocking_manager_key].unblock():
            contents = connection._test_serialized_contents
            connection.creation.deserialize_db_from_string(contents)
