"""LibreOffice as a separate program: one process and one profile for each document.

Two processes that share a profile make one of them fail, and its exit code does not show it. So
each job has its own folder, and only the file that it leaves there counts.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from processing.errors import ProcessingError
from processing.office import isolation

PACKAGE = "libreoffice-writer-nogui"
# The shared library that is Writer: without it, LibreOffice is there and cannot read a document.
_WRITER = "libswlo.so"

# Address space, of which the programs and their threads alone take one. Measured: 0.2 GB for ten
# pages, 0.6 GB for two thousand.
MEMORY = 4 << 30
OUTPUT_BYTES = 256 << 20

# What a conversion reads besides its own folder. Missing paths are skipped.
_READABLE = (
    "/usr", "/lib", "/lib64", "/bin", "/etc/fonts", "/etc/libreoffice", "/etc/ld.so.cache",
    "/var/cache/fontconfig", "/var/lib/libreoffice", "/var/spool/libreoffice",
)  # fmt: skip

# How LibreOffice asks to be restarted, after it has set up a new profile.
_AGAIN = 81
_GRACE_SECONDS = 5

# The engine's own settings, the inner of two walls: no macros, no links, no Java, no way out.
_SETTINGS: Mapping[str, Mapping[str, str]] = {
    "Office.Common/Security/Scripting": {
        "DisableMacrosExecution": "true",
        "MacroSecurityLevel": "3",
        "BlockUntrustedRefererLinks": "true",
        "DisableActiveContent": "true",
        "DisableOLEAutomation": "true",
    },
    "Office.Common/Misc": {"FirstRun": "false", "UseOpenCL": "false", "MacroRecorderMode": "false"},
    "Office.Common/History": {"PickListSize": "0", "Size": "0"},
    "Office.Common/Cache/GraphicManager": {"TotalCacheSize": "52428800"},
    "Office.Writer/Content/Update": {"Link": "2", "Field": "false", "Chart": "false"},
    "Office.Calc/Content/Update": {"Link": "2"},
    "Office.Java/VirtualMachine": {"Enable": "false"},
    "Office.Recovery/AutoSave": {"Enabled": "false"},
    "Office.Recovery/RecoveryInfo": {"Enabled": "false"},
    # Port 9 of this machine discards; what asks for the network in spite of all ends there.
    "Inet/Settings": {
        "ooInetProxyType": "2",
        "ooInetHTTPProxyName": "127.0.0.1",
        "ooInetHTTPProxyPort": "9",
        "ooInetHTTPSProxyName": "127.0.0.1",
        "ooInetHTTPSProxyPort": "9",
        "ooInetNoProxy": "",
    },
}


def _settings() -> str:
    """The file in which a profile keeps what differs from the defaults."""
    items = (
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>\n"
        for path, values in _SETTINGS.items()
        for name, value in values.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        + "".join(items)
        + "</oor:items>\n"
    )


def program() -> Path:
    """LibreOffice's binary, without the script around it; engine_missing where there is none."""
    script = shutil.which("soffice")
    if script is not None:
        found = Path(script).resolve().with_name("soffice.bin")
        if found.is_file() and found.with_name(_WRITER).is_file():
            return found
    raise ProcessingError(
        "engine_missing",
        f"Converting Word documents needs LibreOffice on the server: the Debian package {PACKAGE}.",
    )


def pdf(document: bytes, extension: str, filter: str, seconds: float, folder: Path | None) -> bytes:
    """What LibreOffice makes of a document, unchecked; b"" where it makes nothing of it.

    filter: the name of its import filter, so that it does not guess. seconds: by the clock, for
    all; timed_out where they do not suffice. folder: where its own folder is made, and removed.
    """
    engine = program()
    deadline = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(
        prefix="word-", dir=folder, ignore_cleanup_errors=True
    ) as name:
        work = Path(name).resolve()
        profile = work / "profile" / "user"
        profile.mkdir(parents=True)
        (profile / "registrymodifications.xcu").write_text(_settings(), encoding="utf-8")
        source = work / f"document.{extension}"
        source.write_bytes(document)
        command = [
            str(engine), "-env:UserInstallation={url}/profile", "--headless", "--norestore",
            "--nologo", "--nolockcheck", f"--infilter={filter}",
            "--convert-to", "pdf:writer_pdf_Export",
            "--outdir", "{folder}/pdf", "{folder}/" + source.name,
        ]  # fmt: skip
        try:
            for _ in range(2):
                if _run(command, engine, work, deadline) != _AGAIN:
                    break
                _remove_sockets(work)
        finally:
            _remove_sockets(work)
        made = work / "pdf" / "document.pdf"
        # We would follow a link in its place, and we may read more than the engine.
        if made.is_symlink() or not made.is_file() or made.stat().st_size > OUTPUT_BYTES:
            return b""
        return made.read_bytes()


def _run(command: list[str], engine: Path, work: Path, deadline: float) -> int:
    """Its exit code; whatever it has started is dead when this returns."""
    left = deadline - time.monotonic()
    readable = [*_READABLE, str(engine.parent.parent)]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own script
        [
            sys.executable, "-I", isolation.__file__,
            str(int(2 * max(left, 0)) + 1), str(MEMORY), str(OUTPUT_BYTES), str(work),
            *readable, "--", *command,
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=work,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "SAL_USE_VCLPLUGIN": "svp"},
        start_new_session=True,
    )  # fmt: skip
    try:
        return process.wait(max(left, 0))
    except subprocess.TimeoutExpired as error:
        raise ProcessingError(
            "timed_out", "Converting the document took too long and was stopped."
        ) from error
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_SECONDS)


def _remove_sockets(work: Path) -> None:
    """Remove the socket that a killed process leaves in /tmp, where it has no private /tmp."""
    address = (work / "profile").as_uri().encode("utf-16-le")
    digest = hashlib.md5(address, usedforsecurity=False).digest()
    mark = "".join(f"{byte:x}" for byte in digest)  # without leading zeros, as LibreOffice does
    for folder in ("/tmp", "/var/tmp"):  # noqa: S108 - where LibreOffice makes it
        for socket in Path(folder).glob(f"OSL_PIPE_*{mark}"):
            socket.unlink(missing_ok=True)
