"""Word documents as compound files (.doc, Word 97 to 2003): what is one, and whether it can be read.

Nothing can be cut out of one safely, so it is only looked at: what it might run or load is left to
the settings of the engine and to the walls around it.
"""

from __future__ import annotations

import struct

import olefile

from processing.errors import ProcessingError

# The head of the WordDocument stream: a mark, the version, and a word of flags.
_HEAD = struct.Struct("<HH6xH")
_MARK = 0xA5EC
_ENCRYPTED, _OLDEST = 0x0100, 101


def check(data: bytes) -> None:
    """Raise unless these bytes are an unencrypted Word document.

    unsupported_format for other compound files (a spreadsheet, a message), invalid_document for a
    damaged or encrypted one.
    """
    try:
        with olefile.OleFileIO(data) as file:
            # A .docx with a password is stored in a compound file, too.
            if file.exists("EncryptedPackage"):
                raise _protected()
            if not file.exists("WordDocument"):
                raise ProcessingError("unsupported_format", "The file is not a Word document.")
            head = file.openstream("WordDocument").read(_HEAD.size)
            # Every document keeps the places of its text in one of these.
            tables = file.exists("0Table") or file.exists("1Table")
    except ProcessingError:
        raise
    except Exception as error:  # the parser raises whatever its input leads it to
        raise _damaged() from error
    if len(head) < _HEAD.size or not tables:
        raise _damaged()
    mark, version, flags = _HEAD.unpack(head)
    if mark != _MARK or version < _OLDEST:
        raise _damaged()
    if flags & _ENCRYPTED:
        raise _protected()


def _damaged() -> ProcessingError:
    return ProcessingError("invalid_document", "The document is damaged or incomplete.")


def _protected() -> ProcessingError:
    return ProcessingError("invalid_document", "The document is protected by a password.")
