"""Sample Word documents, generated part by part: every function returns the bytes of one .docx.

Beside tests/pictures.py; nothing here imports the product.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
WITH_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"


def paragraph(text: str, before: str = "") -> str:
    """A paragraph as Word writes it; `before` is markup in front of its text."""
    return f'<w:p>{before}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def new_page(text: str) -> str:
    """A paragraph at the top of a new page."""
    return paragraph(text, '<w:r><w:br w:type="page"/></w:r>')


def field(instruction: str, shown: str) -> str:
    """A paragraph of one field, with what it showed last."""
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    return (
        f"<w:p>{mark.format('begin')}<w:r><w:instrText>{escape(instruction)}</w:instrText></w:r>"
        f"{mark.format('separate')}<w:r><w:t>{shown}</w:t></w:r>{mark.format('end')}</w:p>"
    )


def picture(relation: str, how: str = "embed") -> str:
    """A paragraph of one picture, two inches wide: `how` is "embed" or "link"."""
    return (
        '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="1828800" cy="1828800"/>'
        '<wp:docPr id="1" name="p"/><a:graphic>'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
        '<pic:nvPicPr><pic:cNvPr id="0" name="p"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:{how}="{relation}"/><a:stretch><a:fillRect/></a:stretch>'
        '</pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="1828800" cy="1828800"/>'
        '</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )


def relations(*entries: str) -> str:
    """A part of relationships."""
    return (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(entries)}</Relationships>'
    )


def relation(id: str, kind: str, target: str, *, external: bool = False) -> str:
    """One relationship; kind is the last word of its type."""
    mode = ' TargetMode="External"' if external else ""
    return f'<Relationship Id="{id}" Type="{_OFFICE}/{kind}" Target="{escape(target)}"{mode}/>'


def docx(
    body: str = paragraph("Hello, world"),
    *,
    related: tuple[str, ...] = (),
    parts: Mapping[str, bytes | str] | None = None,
    type: str = MAIN,
    before: str = "",
) -> bytes:
    """A document of that body; related: of its main part. before: what stands before the root."""
    document = (
        f'{_XML}{before}<w:document xmlns:r="{_OFFICE}"'
        ' xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
        ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
        ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        f"<w:body>{body}</w:body></w:document>"
    )
    types = (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="png" ContentType="image/png"/>'
        '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
        f'<Override PartName="/word/document.xml" ContentType="{type}"/></Types>'
    )
    everything: dict[str, bytes | str] = {
        "[Content_Types].xml": types,
        "_rels/.rels": relations(relation("rId1", "officeDocument", "word/document.xml")),
        "word/document.xml": document,
        "word/_rels/document.xml.rels": relations(*related),
    }
    return zipped(everything | dict(parts or {}))


def zipped(parts: Mapping[str, bytes | str]) -> bytes:
    """A zip of these parts, in this order."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return target.getvalue()
