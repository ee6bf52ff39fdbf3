"""Refining a mask along its edge: how much of each pixel there is the object, in hair, fur and glass.

Closed-form matting (Levin, Lischinski, Weiss) by PyMatting, which rembg brings along: pixels that the mask is
sure of are kept, those in a band along its edge are solved for.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import logging
import sys
import threading
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from processing.background.weights import Unusable

logger = logging.getLogger("processing.background")

# The longer side of the copy that is refined; PyMatting holds 400 bytes a pixel.
SIDE = 640

# The band's half width as a part of that side, and the values (of 255) from which a mask is sure.
BAND = 1 / 64
SURE_OBJECT, SURE_BACKGROUND = 240, 15

# The solver's precision and its patience; more of either changes no level of 255.
PRECISION, MOST_ROUNDS = 1e-4, 400
# Numbers that it may hold, of 16 bytes.
MOST_NUMBERS = 16_000_000

# PyMatting's loops, by module, with the types that they are compiled for.
LOOPS = {
    "pymatting.laplacian.cf_laplacian": {
        "_cf_laplacian": "void(f8[:, :, :], f8, i8, f8[:, :, :], i8[:], i8[:], b1[:, :])",
    },
    "pymatting.preconditioner.ichol": {
        "_ichol": "i8(i8, f8[:], i8[:], i8[:], f8[:], i8[:], i8[:], f8, f8, i8, f8, b1)",
        "_backsub_L_csc_inplace": "void(f8[:], i8[:], i8[:], f8[:], i8)",
        "_backsub_LT_csc_inplace": "void(f8[:], i8[:], i8[:], f8[:], i8)",
    },
}

_compiling = threading.Lock()


def refined(small: Image.Image, mask: Image.Image) -> Image.Image:
    """The mask (L) with the edge that the picture (RGB, as large, at most SIDE) shows.

    Raises Unusable where it cannot be refined: nothing is sure, or the solver finds no end.
    """
    trimap = _trimap(np.asarray(mask))
    unknown = (trimap > 0) & (trimap < 1)
    if not unknown.any():
        return mask
    if not (trimap == 0).any() or not (trimap == 1).any():
        raise Unusable("matting has failed: all of the mask is unsure.")
    with _compiling:
        estimate = _estimate()
    rgb = np.asarray(small, np.float64) / 255
    solver = {"rtol": PRECISION, "maxiter": MOST_ROUNDS}
    try:
        # It prints how it fares.
        with contextlib.redirect_stdout(io.StringIO()):
            alpha = estimate(rgb, trimap, preconditioner=_preconditioner, cg_kwargs=solver)
    except ValueError as error:
        raise Unusable("matting has failed: it finds no end.") from error
    levels = np.where(unknown, np.rint(255 * np.clip(alpha, 0, 1)), 255 * trimap)
    return Image.fromarray(levels.astype(np.uint8))


def _preconditioner(equations: Any) -> Any:
    ichol = sys.modules["pymatting.preconditioner.ichol"].ichol
    return ichol(equations, max_nnz=MOST_NUMBERS)


def _trimap(mask: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """1 for the object, 0 for the background, a half for what is between them."""
    radius = max(1, round(max(mask.shape) * BAND))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    # What lies beyond the picture's edge is as what lies at it.
    inner = cv2.erode((mask >= SURE_OBJECT).astype(np.uint8), kernel)
    outer = cv2.dilate((mask > SURE_BACKGROUND).astype(np.uint8), kernel)
    return np.where(inner > 0, 1.0, np.where(outer == 0, 0.0, 0.5))


@functools.cache
def _estimate() -> Any:
    """PyMatting's function, compiled: some seconds for the first process of an installation, less for others.

    `network.imported` keeps Numba from compiling all of PyMatting (80 seconds); these loops are enough.
    """
    from processing.background.network import imported

    imported()
    numba = importlib.import_module("numba")
    for module, loops in LOOPS.items():
        for name, types in loops.items():
            loop = getattr(sys.modules[module], name)
            if not hasattr(loop, "py_func"):
                setattr(sys.modules[module], name, _compiled(numba, loop, types))
    return importlib.import_module("pymatting.alpha.estimate_alpha_cf").estimate_alpha_cf


def _compiled(numba: Any, loop: Any, types: str) -> Any:
    try:
        return numba.njit(types, cache=True, nogil=True)(loop)
    except RuntimeError:
        # No folder in which the compiled loop could be kept.
        return numba.njit(types, nogil=True)(loop)
