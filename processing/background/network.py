"""The network: rembg with the weights that the program has named, loaded once for each process."""

from __future__ import annotations

import ctypes
import importlib
import logging
import os
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from PIL import Image

from processing.background import weights
from processing.background.weights import MODELS, Unusable

logger = logging.getLogger("processing.background")

# onnxruntime sends its maker what it runs on and which models, from its import on; the site's network is its
# operator's. Read once, when the library is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


@dataclass(frozen=True, slots=True)
class Network:
    """A loaded network and its name. A picture at a time: each takes all processors as it is."""

    name: str
    session: Any
    _turn: threading.Lock

    def mask(self, small: Image.Image) -> Image.Image:
        """The object of an RGB picture as L of the same size; Unusable where the network fails."""
        # A picture without contrast is divided by zero; its mask is empty then, as it should be.
        quietly = importlib.import_module("numpy").errstate(divide="ignore", invalid="ignore")
        rembg = imported()
        try:
            with self._turn, quietly:
                mask = rembg.remove(small, session=self.session, only_mask=True)
        except failures() as error:
            raise Unusable(f"{self.name} has failed: {type(error).__name__}.") from error
        finally:
            _give_back()
        return mask.convert("L")  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class _Choice:
    folder: Path
    model: str
    matting: bool

    def stamp(self) -> tuple[float, ...]:
        """A value that changes whenever the weights, or their record, are rewritten."""
        file = weights.file_of(self.folder, self.model)
        stamps = []
        for path in (file, weights.record_of(file)):
            try:
                values = path.stat()
                stamps += [values.st_mtime, float(values.st_size)]
            except OSError:
                stamps.append(-1.0)
        return tuple(stamps)


_loading = threading.Lock()
_choice: _Choice | None = None
_loaded: tuple[_Choice, tuple[float, ...], Network | None] | None = None


def name_of(model: str) -> str:
    """What Result.engine says where the network `model` has found the object."""
    return f"rembg {model}"


def use(folder: str | Path, model: str, *, matting: bool = False) -> None:
    """From now on, remove backgrounds by the network `model` with its weights in `folder`.

    matting: whether edges are refined afterwards, whatever found the object. Costs nothing: the
    network is loaded when it is first needed. Raises ValueError for a name that is not in MODELS.
    """
    global _choice
    if model not in MODELS:
        raise ValueError(f"There is no network {model!r}; there are {', '.join(MODELS)}.")
    _choice = _Choice(Path(folder), model, matting)


def warm() -> str:
    """Load the network now; its name, or "" where GrabCut will have to do."""
    network = current()
    return network.name if network else ""


def refines() -> bool:
    """Whether edges are refined."""
    return _choice is not None and _choice.matting


def current() -> Network | None:
    """The network in use, loaded at its first call and again when its file has changed."""
    global _loaded
    with _loading:
        if _choice is None:
            return None
        stamp = _choice.stamp()
        if _loaded is None or _loaded[:2] != (_choice, stamp):
            _loaded = (_choice, stamp, _load(_choice))
        return _loaded[2]


def _load(choice: _Choice) -> Network | None:
    try:
        return load(weights.checked(choice.folder, choice.model), choice.model)
    except Unusable as reason:
        # Logged once for each state of the files, not for each picture.
        logger.warning("backgrounds are removed without a network: %s", reason)
        return None


def load(file: Path, model: str) -> Network:
    """The network of a file whose hash has been checked; Unusable where it is none."""
    imported()
    runtime = importlib.import_module("onnxruntime")
    session_class = importlib.import_module("rembg.sessions").sessions[model]
    options = runtime.SessionOptions()
    # What one picture needed is given back; the next is a while away, and others want the memory.
    options.enable_cpu_mem_arena = False
    # rembg would download a file that it does not find.
    placed = type(
        session_class.__name__,
        (session_class,),
        {"download_models": classmethod(lambda cls, *_, **__: str(file))},
    )
    try:
        session = placed(model, options, model_path=str(file))
    except failures() as error:
        raise Unusable(f"{file.name} is not a network: {type(error).__name__}.") from error
    _give_back()
    logger.info("loaded the network %s", model)
    return Network(name_of(model), session, threading.Lock())


def _give_back() -> None:
    """Give the system what has been freed; C's library keeps it otherwise, 240 MB for U²-Net."""
    # Only glibc has this, and only it needs it.
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def imported() -> ModuleType:
    """rembg. It takes 1.5 seconds and 110 MB at first, so never call this while serving requests.

    rembg imports PyMatting, which has Numba compile all of its functions during the import: 80
    seconds and 500 MB the first time. They are for alpha matting, so Numba is set not to compile them;
    `matting` compiles the few that it needs.
    """
    if loaded := sys.modules.get("rembg"):
        return loaded
    settings = importlib.import_module("numba").core.config
    before = settings.DISABLE_JIT
    settings.DISABLE_JIT = True
    try:
        return importlib.import_module("rembg")
    finally:
        settings.DISABLE_JIT = before


def failures() -> tuple[type[Exception], ...]:
    """The exceptions for a file that is not a network, or does not fit its use here.

    By name: a time limit of the caller is an exception too, and must pass.
    """
    state = importlib.import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    own = [kind for kind in vars(state).values() if isinstance(kind, type)]
    return (
        *(kind for kind in own if issubclass(kind, Exception)),
        ValueError,
        TypeError,
        IndexError,
        RuntimeError,
    )
