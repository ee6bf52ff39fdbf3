"""manage.py serve: the whole site in one command.

What belongs here: what must be true before the site runs (the port and the folder are free, the database
and the static files are up to date, there is an administrator). Then this process becomes the supervisor,
server/supervisor.py.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import caches
from django.core.cache.backends.db import BaseDatabaseCache
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from server import data_folder
from server.application import main as serve_web
from server.supervisor import allow_many_files, end_with_this


class Command(BaseCommand):
    """Prepares and serves the site; raises CommandError where it cannot be served."""

    help = "Serve the site with its worker and its scheduler, until Ctrl-C or SIGTERM."
    # `make check` and CI run the checks; a start takes seconds without them.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        lock = hold(settings.DATA_DIR)
        self._tighten()
        check_port(settings.HOST, settings.PORT)
        clear(settings.TEMP_DIR)
        migrate()
        collect_static()
        self._print_administrator()
        self._print_problems()
        fetches_models = self._fetches_models()
        connections.close_all()
        self.stdout.flush()
        allow_many_files()
        web = start_web(lock)
        # The lock stays with this process, which becomes the supervisor.
        os.set_inheritable(lock, True)
        os.environ["DATA_DIR"] = str(settings.DATA_DIR)
        os.execv(  # noqa: S606, a program of ours
            sys.executable,
            [
                sys.executable,
                "-P",  # its own folder holds modules of the site, not libraries
                str(settings.BASE_DIR / "server" / "supervisor.py"),
                f"--host={settings.HOST}",
                f"--port={settings.PORT}",
                f"--site-url={settings.SITE_URL}",
                f"--data-dir={settings.DATA_DIR}",
                f"--web={web}",
                *(["--fetch-models"] if fetches_models else []),
            ],
        )

    def _tighten(self) -> None:
        shared = (settings.FILES_ROOT, Path(settings.STATIC_ROOT))
        try:
            group = data_folder.group_of(settings.DATA_GROUP)
            data_folder.tighten(settings.DATA_DIR, group, shared)
        except LookupError:
            raise CommandError(f"DATA_GROUP: there is no group {settings.DATA_GROUP}.") from None
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            self.stdout.write(
                f"Others on this machine may be able to read {settings.DATA_DIR}: {error.filename}: {reason}."
            )

    def _print_problems(self) -> None:
        """Report what is missing; the site starts anyway, and /readyz shows when it is available."""
        from hosting import readiness

        for problem in readiness.problems():
            self.stdout.write(f"Not ready: {problem}")

    def _fetches_models(self) -> bool:
        from hosting.backends import networks

        return networks.is_wanted()

    def _print_administrator(self) -> None:
        from accounts.administrators import ensure_administrator

        if (made := ensure_administrator()) is None:
            return
        name, password = made
        self.stdout.write(f"Administrator: sign in at {settings.SITE_URL}/admin/ as {name}")
        if not settings.ADMIN_PASSWORD:
            self.stdout.write(f"Password, shown this once: {password}")


def hold(data_dir: Path) -> int:
    """Lock the data folder for this site; returns the open lock. CommandError where another has it."""
    lock = os.open(data_dir / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CommandError(f"Another Vitrine is running on {data_dir}.") from None
    return lock


def start_web(lock: int) -> int:
    """Start the first web server as a fork of this process; returns its process number.

    Django is loaded here already; a new process would take seconds to load it again.
    """
    prepare = end_with_this()
    if pid := os.fork():
        return pid
    try:
        os.setsid()
        prepare()
        os.close(lock)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        serve_web()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def check_port(host: str, port: int) -> None:
    """Raise CommandError where the port cannot be listened at."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As a web server would; without SO_REUSEPORT, which would share the port with another program.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            message = f"Port {port} cannot be used: {reason}. Choose another: PORT={port + 1}"
            raise CommandError(message) from None


def clear(folder: Path) -> None:
    """Remove what requests of an earlier run left in the folder of temporary files."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def migrate() -> None:
    """Bring the database up to date; costs milliseconds when it is."""
    connection = connections[DEFAULT_DB_ALIAS]
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
    tables = set(connection.introspection.table_names())
    for cache in caches.all(initialized_only=False):
        if isinstance(cache, BaseDatabaseCache) and getattr(cache, "_table", "") not in tables:
            call_command("createcachetable", verbosity=0)


def collect_static() -> None:
    """Fill STATIC_ROOT where its sources are not those that it was filled from."""
    backend = f"{type(staticfiles_storage).__module__}.{type(staticfiles_storage).__qualname__}"
    seen = hashlib.sha256(backend.encode())
    for finder in get_finders():
        for name, storage in finder.list(None):
            state = Path(storage.path(name)).stat()
            seen.update(f"{storage.path(name)} {state.st_size} {state.st_mtime_ns}\n".encode())
    stamp = Path(settings.STATIC_ROOT) / ".sources"
    if stamp.is_file() and stamp.read_text() == seen.hexdigest():
        return
    # Written last, so that an interrupted filling is done again.
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(seen.hexdigest())
