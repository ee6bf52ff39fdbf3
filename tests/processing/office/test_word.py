"""Word documents into PDF: what is on the pages, and what hostile documents cannot do."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processing import Limits, ProcessingError, Result, detect, inspect
from processing.office import engine, isolation, openxml
from processing.office.word import word_to_pdf
from tests import pictures
from tests.documents import (
    WITH_MACROS,
    docx,
    field,
    new_page,
    paragraph,
    picture,
    relation,
    relations,
    zipped,
)

LIMITS = Limits()
# Generous: a slow, busy machine must not fail what is not about time.
SECONDS = 200
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture
def soffice(needs: Callable[[str, str], str]) -> str:
    """LibreOffice, or a skip."""
    return needs("soffice", engine.PACKAGE)


@pytest.fixture
def convert(soffice: str, tmp_path: Path) -> Iterator[Callable[[bytes], Result]]:
    """word_to_pdf with a folder for temporary files, which is empty again afterwards."""
    folder = tmp_path / "temporary files"
    folder.mkdir()
    yield lambda data: word_to_pdf(data, LIMITS, seconds=SECONDS, folder=folder)
    assert list(folder.iterdir()) == []


@pytest.fixture
def read(needs: Callable[[str, str], str], tmp_path: Path) -> Callable[..., str]:
    """What one of poppler's programs says about a PDF."""

    def said(result: Result, program: str = "pdftotext", *options: str) -> str:
        path = tmp_path / "read.pdf"
        path.write_bytes(result.data)
        last = ["-"] if program == "pdftotext" else []
        command = [needs(program, "poppler-utils"), *options, str(path), *last]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout

    return said


@pytest.fixture(scope="session")
def doc(tmp_path_factory: pytest.TempPathFactory, needs: Callable[[str, str], str]) -> bytes:
    """A .doc of two pages, written by LibreOffice itself."""
    folder = tmp_path_factory.mktemp("doc")
    (folder / "a.docx").write_bytes(docx(paragraph("Old but good") + new_page("Second page")))
    command = [
        needs("soffice", engine.PACKAGE), f"-env:UserInstallation=file://{folder}/profile",
        "--headless", "--convert-to", "doc:MS Word 97", "--outdir", str(folder), f"{folder}/a.docx",
    ]  # fmt: skip
    subprocess.run(command, capture_output=True, check=True)
    return (folder / "a.doc").read_bytes()


def refusal(data: bytes, limits: Limits = LIMITS) -> ProcessingError:
    with pytest.raises(ProcessingError) as caught:
        word_to_pdf(data, limits, seconds=SECONDS)
    return caught.value


def outcome(convert: Callable[[bytes], Result], data: bytes) -> str:
    """The format of what comes out, or the code of the error."""
    try:
        return convert(data).format.name
    except ProcessingError as error:
        return error.code


def test_a_docx_becomes_a_pdf_of_its_text_pages_and_pictures(
    convert: Callable[[bytes], Result], read: Callable[..., str]
) -> None:
    result = convert(
        docx(
            paragraph("Grüße aus Καβάλα") + new_page("Second") + picture("rId5"),
            related=(relation("rId5", "image", "media/p.png"),),
            parts={"word/media/p.png": pictures.png(64, 64)},
        )
    )
    assert (result.format.name, result.format.mime, result.frames) == ("pdf", "application/pdf", 2)
    assert (result.width, result.height) == (612, 792)
    first, second = read(result).split("\f")[:2]
    assert first.strip() == "Grüße aus Καβάλα"
    assert second.strip() == "Second"
    assert "64    64" in read(result, "pdfimages", "-list")


def test_a_doc_becomes_a_pdf(
    convert: Callable[[bytes], Result], read: Callable[..., str], doc: bytes
) -> None:
    result = convert(doc)
    assert [page.strip() for page in read(result).split("\f")[:2]] == [
        "Old but good",
        "Second page",
    ]
    assert result.frames == 2


def test_words_own_fonts_are_replaced_by_ones_of_the_same_widths(
    convert: Callable[[bytes], Result], read: Callable[..., str]
) -> None:
    fonts = {"Calibri": "Carlito", "Arial": "Liberation", "Cambria": "Caladea"}
    body = "".join(
        f'<w:p><w:r><w:rPr><w:rFonts w:ascii="{name}" w:hAnsi="{name}"/></w:rPr>'
        "<w:t>Width</w:t></w:r></w:p>"
        for name in fonts
    )
    listed = read(convert(docx(body)), "pdffonts")
    for name in fonts.values():
        assert name in listed


def test_two_documents_at_once_both_become_pdfs(
    convert: Callable[[bytes], Result], read: Callable[..., str]
) -> None:
    documents = [docx(paragraph(f"Number {number}")) for number in range(3)]
    with ThreadPoolExecutor(3) as threads:
        results = list(threads.map(convert, documents))
    assert [read(result).strip() for result in results] == ["Number 0", "Number 1", "Number 2"]


def test_documents_are_known_by_their_content_but_never_uploaded(doc: bytes) -> None:
    for data, name in ((docx(), "docx"), (doc, "doc"), (b"%PDF-1.7\n%%EOF", "pdf")):
        assert detect(data).name == name
        with pytest.raises(ProcessingError) as caught:
            inspect(data, LIMITS)
        assert caught.value.code == "unsupported_format"
        assert "docx" not in caught.value.message


@pytest.mark.parametrize(
    "data",
    [
        pictures.png(8, 8),
        b"plain text",
        rb"{\rtf1\ansi Rich text}",
        b"<html>not a document</html>",
        b"%PDF-1.7\n%%EOF",
        zipped({"readme.txt": "a zip"}),
        docx(type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
        docx(type=WITH_MACROS),
        zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}),
    ],
    ids="png text rtf html pdf zip xlsx docm odt".split(),
)
def test_what_is_no_plain_word_document_is_refused_whatever_it_is_called(data: bytes) -> None:
    assert refusal(data).code == "unsupported_format"


def test_macros_are_named_as_the_reason() -> None:
    assert "macros" in refusal(docx(type=WITH_MACROS)).message


@pytest.mark.parametrize("eighth", range(8))
def test_a_docx_cut_off_anywhere_is_called_damaged(eighth: int) -> None:
    data = docx(paragraph("Hello") * 500, parts={"word/media/p.png": pictures.png()})
    assert refusal(data[: max(4, len(data) * eighth // 8)]).code == "invalid_document"


def test_a_doc_cut_off_is_called_damaged_or_read_as_far_as_it_goes(
    convert: Callable[[bytes], Result], doc: bytes
) -> None:
    assert refusal(doc[:600]).code == "invalid_document"
    for part in (2, 6):
        assert outcome(convert, doc[: len(doc) * part // 8]) in ("pdf", "invalid_document")


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(st.data())
def test_a_docx_with_some_bytes_changed_is_made_harmless_or_refused(data: st.DataObject) -> None:
    sample = bytearray(docx(paragraph("Hello"), parts={"word/media/p.png": pictures.png(8, 8)}))
    places = st.integers(0, len(sample) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=6)):
        sample[place] = data.draw(st.integers(0, 255))
    try:
        cleaned = openxml.harmless(bytes(sample))
    except ProcessingError:
        return
    assert zipfile.ZipFile(io.BytesIO(cleaned)).testzip() is None


@pytest.mark.slow
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_doc_with_some_bytes_changed_gives_a_pdf_or_a_clean_error(
    convert: Callable[[bytes], Result], doc: bytes, data: st.DataObject
) -> None:
    sample = bytearray(doc)
    for place in data.draw(st.lists(st.integers(512, len(doc) - 1), min_size=5, max_size=40)):
        sample[place] = data.draw(st.integers(0, 255))
    assert outcome(convert, bytes(sample)) in ("pdf", "invalid_document", "unsupported_format")


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = docx(parts={f"word/media/{n}.png": bytes(50_000_000) for n in range(2)})
    assert len(bomb) < 1_000_000
    assert refusal(bomb).code == "too_many_bytes"
    many = docx(parts={f"customXml/item{number}.xml": "<a/>" for number in range(4_001)})
    assert refusal(many).code == "too_many_bytes"


def test_a_file_above_the_limit_is_refused() -> None:
    assert refusal(docx(), Limits(bytes=100)).code == "too_many_bytes"


def test_entities_are_refused_wherever_they_are_declared() -> None:
    laughs = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    assert refusal(docx(paragraph("x"), before=laughs)).code == "invalid_document"
    outside = '<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><x/>'
    for content in (outside, outside.encode("utf-16")):
        for name in ("customXml/item1.xml", "word/odd.bin2"):
            if isinstance(content, bytes) and name.endswith("2"):
                continue
            assert refusal(docx(parts={name: content})).code == "invalid_document"


def test_nesting_without_end_is_refused() -> None:
    assert refusal(docx("<w:sdt>" * 5000 + "</w:sdt>" * 5000)).code == "too_many_bytes"


@pytest.mark.parametrize(
    "name", ["../../evil.xml", "/etc/evil.xml", "word\\evil.xml", "word/./evil.xml", "C:evil.xml"]
)
def test_names_that_leave_the_package_are_refused(name: str) -> None:
    assert refusal(docx(parts={name: "<a/>"})).code == "invalid_document"


def test_two_parts_of_one_name_are_refused() -> None:
    assert refusal(docx(parts={"WORD/document.xml": "<a/>"})).code == "invalid_document"


def test_what_a_password_protects_is_refused_with_the_reason(doc: bytes) -> None:
    assert doc.startswith(COMPOUND)
    # The flag of encryption, in the head of the stream that begins at a sector of its own.
    at = doc.index(b"\xec\xa5") + 10
    flagged = bytearray(doc)
    flagged[at + 1] |= 0x01
    error = refusal(bytes(flagged))
    assert error.code == "invalid_document"
    assert "password" in error.message
    # What Word makes of a .docx with a password: a compound file of this one stream.
    name, other = "WordDocument".encode("utf-16-le"), "EncryptedPackage".encode("utf-16-le")
    entry = doc.index(name)
    sealed = bytearray(doc)
    sealed[entry : entry + len(other)] = other
    sealed[entry + 64 : entry + 66] = (len(other) + 2).to_bytes(2, "little")
    assert "password" in refusal(bytes(sealed)).message


def test_a_compound_file_without_a_document_is_refused(doc: bytes) -> None:
    name = "WordDocument".encode("utf-16-le")
    other = "Workbook\0\0\0\0".encode("utf-16-le")
    entry = doc.index(name)
    sheet = bytearray(doc.replace(name, other, 1))
    sheet[entry + 64 : entry + 66] = (18).to_bytes(2, "little")
    assert refusal(bytes(sheet)).code == "unsupported_format"


class Requests:
    """A server on this machine that writes down what is asked of it."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        values = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                values.paths.append(self.path)
                self.send_error(404)

            do_HEAD = do_OPTIONS = do_PROPFIND = do_GET  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self) -> Requests:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def linking(address: str) -> dict[str, object]:
    """A document that refers to `address` in every way that it can."""
    settings_part = (
        '<w:settings xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<w:attachedTemplate r:id="rId1"/></w:settings>'
    )
    template = relation("rId1", "attachedTemplate", f"{address}/t.dotm", external=True)
    return {
        "body": paragraph("Before")
        + picture("rId5", "link")
        + picture("rId6")
        + '<w:altChunk r:id="rId7"/>'
        + field(f'INCLUDEPICTURE "{address}/field.png" \\d', "old")
        + field(f'INCLUDETEXT "{address}/field.txt"', "old")
        + paragraph("After"),
        "related": (
            relation("rId2", "settings", "settings.xml"),
            relation("rId5", "image", f"{address}/linked.png", external=True),
            relation("rId6", "image", f"{address}/embedded.png"),
            relation("rId7", "aFChunk", "chunk.html"),
            relation("rId8", "oleObject", f"{address}/object.doc", external=True),
            relation("rId9", "hyperlink", f"{address}/clicked", external=True),
            relation("rId10", "vbaProject", "vbaProject.bin"),
        ),
        "parts": {
            "word/settings.xml": settings_part,
            "word/_rels/settings.xml.rels": relations(template),
            "word/chunk.html": f'<html><img src="{address}/chunk.png"></html>',
            "word/vbaProject.bin": COMPOUND + b"Sub AutoOpen",
        },
    }


def test_nothing_is_fetched_from_elsewhere(
    convert: Callable[[bytes], Result], read: Callable[..., str]
) -> None:
    with Requests() as server:
        text = read(convert(docx(**linking(server.address))))  # type: ignore[arg-type]
        assert "Before" in text
        assert "After" in text
        assert server.paths == []


def test_the_cleaned_document_holds_no_programs_and_refers_to_nothing_outside() -> None:
    cleaned = openxml.harmless(docx(**linking("http://127.0.0.1:9")))  # type: ignore[arg-type]
    with zipfile.ZipFile(io.BytesIO(cleaned)) as package:
        names = package.namelist()
        found = b"".join(package.read(name) for name in names if name.endswith(".rels")).decode()
    assert not [name for name in names if "vba" in name.lower() or name.endswith(".html")]
    assert found.count("127.0.0.1") == found.count("/clicked") == 1


def test_the_engine_itself_reaches_no_server_and_reads_no_file_of_this_machine(
    convert: Callable[[bytes], Result],
    read: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(pictures.png(77, 55))
    monkeypatch.setattr(openxml, "harmless", lambda data: data)
    with Requests() as server:
        result = convert(docx(**linking(server.address)))  # type: ignore[arg-type]
        assert "Before" in read(result)
        assert server.paths == []
    linked = relation("rId5", "image", secret.as_uri(), external=True)
    shown = convert(docx(paragraph("Seen") + picture("rId5", "link"), related=(linked,)))
    assert "Seen" in read(shown)
    assert "77" not in read(shown, "pdfimages", "-list")


def shut_in(folder: Path, code: str) -> str:
    """What a Python program writes when it runs as the engine does."""
    values = folder / "values"
    command = [
        sys.executable, "-I", isolation.__file__, "60", str(1 << 30), "1000000", str(folder),
        "/usr", "/lib", "/lib64", "/bin", sys.base_prefix, "--",
        os.path.realpath(sys.executable), "-I", "-c", code, "{folder}/values",
    ]  # fmt: skip
    subprocess.run(command, check=True, env={"PATH": "/usr/bin:/bin"})
    return values.read_text()


def test_a_program_that_is_shut_in_reaches_nothing_that_listens_on_this_machine(
    tmp_path: Path,
) -> None:
    with Requests() as server:
        code = f"""
import socket, sys
try:
    socket.create_connection(("127.0.0.1", {server.server.server_port}), 5)
    said = "reached"
except OSError:
    said = "refused"
open(sys.argv[1], "w").write(said)
"""
        said = shut_in(tmp_path, code)
        if said == "reached":
            pytest.skip("this kernel gives neither namespaces nor Landlock to this user")
        assert (said, server.paths) == ("refused", [])


def test_limits_hold_for_a_program_that_is_shut_in(tmp_path: Path) -> None:
    code = """
import resource, sys
said = [resource.getrlimit(one)[1] for one in
        (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)]
open(sys.argv[1], "w").write(repr(said))
"""
    assert shut_in(tmp_path, code) == repr([1 << 30, 60, 1000000])


def test_a_document_that_takes_too_long_is_given_up_and_leaves_nothing(
    soffice: str, tmp_path: Path
) -> None:
    with pytest.raises(ProcessingError) as caught:
        word_to_pdf(docx(paragraph("Long") * 100_000), LIMITS, seconds=1, folder=tmp_path)
    assert caught.value.code == "timed_out"
    assert list(tmp_path.iterdir()) == []
    assert not running(str(tmp_path))


def test_an_engine_that_hangs_is_killed_with_all_that_it_has_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not in /tmp, for the engine has one of its own.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as programs:
        hanging = Path(programs, "program", "soffice.bin")
        hanging.parent.mkdir()
        hanging.write_text("#!/bin/sh\nsleep 4711 &\nsleep 4711\n")
        hanging.chmod(0o755)
        monkeypatch.setattr(engine, "program", lambda: hanging)
        with pytest.raises(ProcessingError) as caught:
            word_to_pdf(docx(), LIMITS, seconds=3, folder=tmp_path)
    assert caught.value.code == "timed_out"
    assert list(tmp_path.iterdir()) == []
    for _ in range(100):
        if not running("4711"):
            break
        time.sleep(0.1)
    assert not running("4711")


def running(word: str) -> list[int]:
    """The processes that have a word on their command line and are not this one."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        if process.info["status"] != psutil.STATUS_ZOMBIE and any(word in one for one in words):
            found.append(process.pid)
    return [pid for pid in found if pid != os.getpid()]


def test_where_libreoffice_is_missing_the_error_names_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    error = refusal(docx())
    assert error.code == "engine_missing"
    assert "libreoffice-writer-nogui" in error.message


@pytest.mark.parametrize("made", [b"", b"text", b"%PDF-1.7\n", b"%PDF-1.7\nnothing\n%%EOF\n"])
def test_an_answer_that_is_no_sound_pdf_is_an_error(
    made: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "pdf", lambda *_: made)
    assert refusal(docx()).code == "invalid_document"
