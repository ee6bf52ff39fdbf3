"""Word documents as OOXML (.docx): recognising them, and removing anything that could run or load.

A .docx is a zip of parts that refer to one another by relationships. It is never passed on
unchanged: it is measured before anything is unpacked, and rewritten with only the parts that are
text and pictures, and relationships that stay inside.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.parsers import expat

from processing.errors import ProcessingError

# Far above what Word writes: its longest documents have some hundred parts.
MAX_PARTS = 4_000
MAX_UNPACKED = 256 << 20
MAX_XML = 128 << 20
# Text repeats itself, but above this size nothing honest is packed so well.
RATIO_FROM, MAX_RATIO = 32 << 20, 200
MAX_ELEMENTS = 4_000_000
MAX_DEPTH = 300

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_TYPES_PART = "[Content_Types].xml"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATED = "http://schemas.openxmlformats.org/package/2006/relationships"
_RELATIONS = re.compile(r"(?P<folder>.*/|)_rels/(?P<name>[^/]*)\.rels", re.IGNORECASE)

# By the last word of a relationship's type: parts with programs, other documents in any format, or
# templates. The picture of an embedded object is a separate part, and stays.
_DROPPED = frozenset(
    """afchunk attachedtemplate activexcontrol activexcontrolbinary attachedtoolbars control ctrlprop
    frame hyphenationdictionary keymapcustomizations mailmergeheadersource mailmergesource
    oleobject package recipientdata subdocument vbaproject wordvbadata ui customui extensibility
    userCustomization webextension webextensiontaskpanes transform""".lower().split()
)
# The same by name, for whatever reaches such a part in another way. SVG has a PNG beside it.
_DROPPED_PARTS = re.compile(
    r"(?:.*/)?(?:vba\w*\.(?:bin|xml)|activex/.*|embeddings/.*|afchunk[^/]*|[^/]*\.svgz?"
    r"|[^/]*\.(?:html?|mht(?:ml)?|rtf|docm?|dotm?|dotx|docx|exe|dll|jar|js|vbs|py|bas))",
    re.IGNORECASE,
)
_LINK = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
            ValueError, LookupError, OSError, ElementTree.ParseError, expat.ExpatError)  # fmt: skip


def _damaged(message: str = "The document is damaged or incomplete.") -> ProcessingError:
    return ProcessingError("invalid_document", message)


def _bomb() -> ProcessingError:
    return ProcessingError("too_many_bytes", "The document is too large when it is unpacked.")


def harmless(data: bytes) -> bytes:
    """The .docx without macros, embedded programs and documents, and without external references.

    Raises unsupported_format for every other kind of zip, too_many_bytes for one that unpacks to too
    much, and invalid_document for what is damaged or declares entities.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return _rewritten(package)
    except _DAMAGED as error:
        raise _damaged() from error


def _rewritten(package: zipfile.ZipFile) -> bytes:
    parts = _parts(package)
    types = parts.get(_TYPES_PART)
    if types is None:
        raise ProcessingError("unsupported_format", "The file is not a Word document.")
    budget = _Budget()
    _refuse_unless_word(budget.checked(package.read(types)), package, parts, budget)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as cleaned:
        for name, part in parts.items():
            if _DROPPED_PARTS.fullmatch(name):
                continue
            content = package.read(part)
            if _is_markup(name, content):
                content = budget.checked(content)
            if relations := _RELATIONS.fullmatch(name):
                content = _inside(content, relations["folder"])
            cleaned.writestr(name, content)
    return target.getvalue()


def _parts(package: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The parts by name, as far as their declared sizes are within the limits; no other is ever read."""
    entries = package.infolist()
    if len(entries) > MAX_PARTS:
        raise _bomb()
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > MAX_UNPACKED or (unpacked > RATIO_FROM and unpacked > MAX_RATIO * packed):
        raise _bomb()
    parts: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if entry.is_dir():
            continue
        if entry.flag_bits & 0x1:
            raise _damaged("The document is protected by a password.")
        # Two parts of one name are one to this reader and another to the next.
        if not _is_plain(name) or name.lower() in seen:
            raise _damaged()
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _damaged()
        seen.add(name.lower())
        parts[name] = entry
    return parts


def _is_plain(name: str) -> bool:
    """Whether a name stays inside the package, and means the same to everybody."""
    if name.startswith("/") or "\\" in name or ":" in name or len(name) > 255:
        return False
    return name.isprintable() and not {"", ".", ".."} & set(name.split("/"))


class _Budget:
    """How much markup one document may hold in all, and a parser that refuses entities."""

    def __init__(self) -> None:
        self.bytes = MAX_XML
        self.elements = MAX_ELEMENTS

    def checked(self, content: bytes) -> bytes:
        """The same markup; raises where it is not well formed, declares a DTD, or is too much."""
        self.bytes -= len(content)
        if self.bytes < 0:
            raise _bomb()
        depth = 0

        def start(_: str, __: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            self.elements -= 1
            if depth > MAX_DEPTH or self.elements < 0:
                raise _bomb()

        def end(_: str) -> None:
            nonlocal depth
            depth -= 1

        def refuse(*_: object) -> int:
            raise _damaged("The document declares entities.")

        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
        parser.ExternalEntityRefHandler = parser.SkippedEntityHandler = refuse
        parser.Parse(content, True)
        return content


def _is_markup(name: str, content: bytes) -> bool:
    """Whether a part is XML by its name or by how it begins, in any encoding that XML may have."""
    if name.lower().endswith((".xml", ".rels", ".vml")):
        return True
    head = content[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return head.startswith((b"<?xml", b"<!DOCTYPE", b"<!ENTITY"))


def _refuse_unless_word(
    types: bytes, package: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo], budget: _Budget
) -> None:
    """Raise unless the package's main part is a Word document without macros."""
    declared = {
        element.get("PartName", "").lstrip("/").lower(): element.get("ContentType", "").lower()
        for element in ElementTree.fromstring(types)  # noqa: S314 - checked: no DTD
        if element.tag == f"{_TYPES}Override"
    }
    if any("macroenabled" in type for type in declared.values()):
        raise ProcessingError(
            "unsupported_format", "Documents with macros are not accepted: save it as .docx."
        )
    if "_rels/.rels" not in parts:
        raise _damaged()
    root = budget.checked(package.read(parts["_rels/.rels"]))
    mains = [
        posixpath.normpath(relation.get("Target", "").lstrip("/")).lower()
        for relation in _relations(root)
        if _kind(relation) == "officedocument"
    ]
    if len(mains) != 1 or declared.get(mains[0]) != WORD:
        raise ProcessingError("unsupported_format", "The file is not a Word document.")
    if mains[0] not in {name.lower() for name in parts}:
        raise _damaged()


def _relations(content: bytes) -> Iterator[ElementTree.Element]:
    tree = ElementTree.fromstring(content)  # noqa: S314 - checked: no DTD
    return (element for element in tree if element.tag == f"{{{_RELATED}}}Relationship")


def _kind(relation: ElementTree.Element) -> str:
    return relation.get("Type", "").rstrip("/").rpartition("/")[2].lower()


def _inside(content: bytes, folder: str) -> bytes:
    """Relationships to parts inside, and links that have to be clicked; nothing else."""
    # LibreOffice reads these elements without a prefix only, so the namespace is written by hand.
    tree = ElementTree.Element("Relationships", xmlns=_RELATED)
    for relation in _relations(content):
        if _stays(relation, folder):
            ElementTree.SubElement(tree, "Relationship", relation.attrib)
    written: bytes = ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True)
    return written


def _stays(relation: ElementTree.Element, folder: str) -> bool:
    kind, target = _kind(relation), relation.get("Target", "").strip()
    if relation.get("TargetMode", "Internal").strip().lower() != "internal":
        return kind == "hyperlink" and bool(_LINK.match(target))
    if kind in _DROPPED or ":" in target or "\\" in target or target.startswith("//"):
        return False
    if target.startswith("#"):
        return True
    path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
    # Word itself writes dead references; the engine leaves them out, too.
    return not _DROPPED_PARTS.fullmatch(path)
