"""Files of weights: which networks there are, where their files are, and whether one is intact.

A file is used only where its SHA-256 is the one that was recorded beside it when it was fetched (as
`sha256sum` writes it), so that half a file, a damaged one or one put there by chance is not.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

# The licences of the weights, by rembg's name of the network. What has none that is free
# (bria-rmbg), is a service on the network, or does something else (sam, u2net_cloth_seg) is left out.
MODELS: Mapping[str, str] = MappingProxyType(
    {
        "u2net": "Apache-2.0",
        "u2netp": "Apache-2.0",
        "u2net_human_seg": "Apache-2.0",
        "silueta": "Apache-2.0",
        "isnet-general-use": "Apache-2.0",
        "isnet-anime": "Apache-2.0",
        "birefnet-general": "MIT",
        "birefnet-general-lite": "MIT",
        "birefnet-portrait": "MIT",
        "birefnet-dis": "MIT",
        "birefnet-hrsod": "MIT",
        "birefnet-cod": "MIT",
        "birefnet-massive": "MIT",
        # Any custom network with the same inputs and outputs as these.
        "u2net_custom": "its owner's",
        "dis_custom": "its owner's",
    }
)
CUSTOM = frozenset({"u2net_custom", "dis_custom"})


class Unusable(Exception):
    """Weights that cannot be used; says why in a sentence for the operator."""


def file_of(folder: Path, model: str) -> Path:
    """Where the weights of a network are."""
    return folder / f"{model}.onnx"


def record_of(file: Path) -> Path:
    """Where the hash of a file of weights is recorded."""
    return file.with_name(file.name + ".sha256")


def is_there(folder: Path, model: str) -> bool:
    """Whether there are weights and the record of their hash; whether they agree, checked() tells."""
    file = file_of(folder, model)
    return file.is_file() and record_of(file).is_file()


def sha256(file: Path) -> str:
    """The SHA-256 of a file in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def record(file: Path) -> None:
    """Write down the hash of a file that has been found to be right."""
    written = record_of(file).with_suffix(".recorded")
    written.write_text(f"{sha256(file)}  {file.name}\n")
    written.replace(record_of(file))


def checked(folder: Path, model: str) -> Path:
    """The file with the weights of a network; Unusable where there is none, or its hash differs."""
    file = file_of(folder, model)
    try:
        values = re.match(r"[0-9a-f]{64}\b", record_of(file).read_text())
        if values and sha256(file) == values[0]:
            return file
    except FileNotFoundError:
        missing = "has not been fetched" if not file.exists() else "has no recorded hash"
        raise Unusable(f"{file.name} {missing}: run manage.py fetch_models {model}.") from None
    except OSError as error:
        raise Unusable(f"{file.name} cannot be read: {error.strerror}.") from error
    raise Unusable(f"{file.name} is not what was fetched: run manage.py fetch_models {model}.")
