"""Word documents into PDF, by LibreOffice: a separate, isolated process for each document.

The input is recognised by its content and made harmless before the engine sees it, and only a valid
PDF counts as an answer.
"""

from __future__ import annotations

import io
from pathlib import Path

import pypdf

from processing.errors import ProcessingError
from processing.formats import COMPOUND, FORMATS, PACKED
from processing.limits import Limits
from processing.office import compound, engine, openxml
from processing.pipeline import Result

# What LibreOffice calls the readers of both kinds.
_DOC, _DOCX = "MS Word 97", "MS Word 2007 XML"


def word_to_pdf(
    source: bytes, limits: Limits, *, seconds: float = 60, folder: Path | None = None
) -> Result:
    """The PDF of a .doc or .docx; its frames are its pages, its size that of the first, in points.

    seconds: of wall time. folder: where a folder for the job is made, and always removed; None is
    the system's. Needs some 250 MB of memory besides this process.

    Raises unsupported_format for anything but a Word document, or for one with macros like a .docm,
    invalid_document for one that is damaged or protected by a password, too_many_bytes for one that is
    too large packed or unpacked, timed_out, and engine_missing where LibreOffice is not installed.
    """
    limits.check_bytes(len(source))
    if source.startswith(PACKED):
        made = engine.pdf(openxml.harmless(source), "docx", _DOCX, seconds, folder)
    elif source.startswith(COMPOUND):
        compound.check(source)
        made = engine.pdf(source, "doc", _DOC, seconds, folder)
    else:
        raise ProcessingError("unsupported_format", "The file is not a Word document.")
    pages, width, height = _checked(made)
    return Result(made, FORMATS["pdf"], width, height, frames=pages)


def _checked(pdf: bytes) -> tuple[int, int, int]:
    """Pages, and width and height of the first in points; invalid_document where the PDF is invalid."""
    try:
        if not pdf.startswith(b"%PDF-") or b"%%EOF" not in pdf[-1024:]:
            raise ValueError("not a whole PDF")
        reader = pypdf.PdfReader(io.BytesIO(pdf))
        pages, first = len(reader.pages), reader.pages[0].mediabox
        return pages, round(float(first.width)), round(float(first.height))
    except Exception as error:  # the parser raises whatever its input leads it to
        raise ProcessingError(
            "invalid_document", "The document is damaged or incomplete."
        ) from error
