"""Where the object of a picture probably is, judging by its colours alone.

Robust background detection (Zhu, Liang, Wei, Sun: "Saliency Optimization from Robust Background
Detection", CVPR 2014): the picture is cut into a few hundred patches of one colour each, and a patch
is background as far as its region lies along the picture's edge. A person who is cut by the lower
edge touches it for a short length only, and so is not taken for background.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import dijkstra
from skimage.segmentation import slic

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

PATCHES = 300

# From the paper: how different in Lab two colours of one region may be; how far (1 is the longer
# side) contrast reaches; the length of a region's border at which it begins to count.
COLOUR = 10.0
REACH = 0.4
BORDER = 1.0

# How alike in Lab what is seen through a hole is to the background, and how much that counts.
SAME = 2.0
SEEN_THROUGH = 0.5

# What keeps neighbours alike in the final solution even where their colours differ.
SMOOTHING = 0.1


@dataclass(frozen=True, slots=True)
class Saliency:
    """Both from 0 to 1, one value a pixel: how likely it is the object, and the background."""

    object: Floats
    background: Floats


def saliency(rgb: npt.NDArray[np.uint8], known_background: npt.NDArray[np.bool_]) -> Saliency:
    """The saliency of a small picture (height x width x 3).

    known_background: the pixels of which it is known already (they are transparent).
    """
    unit = rgb.astype(np.float32) / 255
    lab = np.asarray(cv2.cvtColor(unit, cv2.COLOR_RGB2Lab), np.float32)
    labels = _patches(rgb)
    count = int(labels.max()) + 1
    sizes = np.bincount(labels.ravel(), minlength=count)
    colours = _means(lab, labels, sizes)
    places = _means(_coordinates(labels.shape), labels, sizes)
    border = _on_border(labels, count)
    apart = _distances(colours)
    pairs = _neighbours(labels)

    background = _background(_geodesic(pairs, apart, border), border)
    known = np.bincount(labels.ravel(), known_background.ravel(), count) / sizes
    background = np.maximum(background, known)
    nearness = np.exp(-(_distances(places) ** 2) / (2 * REACH**2))
    contrast = (apart * nearness * background).sum(axis=1)
    contrast = _stretched(contrast) * (1 - known)
    # Through a hole in the object the background is seen, which no way leads to.
    same = np.exp(-(apart**2) / (2 * SAME**2)) * nearness * background
    background = np.maximum(background, SEEN_THROUGH * same.max(axis=1))
    solved = _smoothed(pairs, apart, background, contrast)
    return Saliency(
        np.asarray(solved[labels], np.float32), np.asarray(background[labels], np.float32)
    )


def _patches(rgb: npt.NDArray[np.uint8]) -> Labels:
    labels = slic(rgb, n_segments=PATCHES, compactness=12, start_label=0)
    return np.asarray(np.unique(labels, return_inverse=True)[1].reshape(labels.shape), np.int64)


def _coordinates(shape: tuple[int, ...]) -> Floats:
    rows, columns = np.mgrid[: shape[0], : shape[1]] / max(shape)
    return np.dstack([rows, columns]).astype(np.float32)


def _means(values: Floats, labels: Labels, sizes: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    flat = labels.ravel()
    channels = [np.bincount(flat, values[..., c].ravel()) for c in range(values.shape[2])]
    return np.asarray(np.stack(channels, axis=1) / sizes[:, None])


def _distances(vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.linalg.norm(vectors[:, None] - vectors[None], axis=2))


def _on_border(labels: Labels, count: int) -> npt.NDArray[np.bool_]:
    border = np.zeros(count, bool)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        border[edge] = True
    return border


def _neighbours(labels: Labels) -> Labels:
    """The pairs of patches that touch, each once, the smaller number first."""
    across = np.stack([labels[:, :-1].ravel(), labels[:, 1:].ravel()], axis=1)
    down = np.stack([labels[:-1].ravel(), labels[1:].ravel()], axis=1)
    pairs = np.sort(np.concatenate([across, down]), axis=1)
    return np.asarray(np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0))


def _geodesic(
    pairs: Labels, apart: npt.NDArray[np.float64], border: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """The colour that has to be crossed on the easiest way from each patch to each other.

    The patches of the border touch one another, so background that an object cuts in two is one.
    """
    count = len(apart)
    edge = np.flatnonzero(border)
    ring = np.stack(np.triu_indices(len(edge), 1), axis=1)
    links = np.concatenate([pairs, edge[ring]])
    # A sparse matrix takes a zero for "no link".
    costs = np.maximum(apart[links[:, 0], links[:, 1]], 1e-6)
    graph = csr_matrix((costs, (links[:, 0], links[:, 1])), shape=(count, count))
    return np.asarray(dijkstra(graph, directed=False))


def _background(
    geodesic: npt.NDArray[np.float64], border: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    alike = np.exp(-(geodesic**2) / (2 * COLOUR**2))
    connectivity = alike[:, border].sum(axis=1) / np.sqrt(alike.sum(axis=1))
    return np.asarray(1 - np.exp(-(connectivity**2) / (2 * BORDER**2)))


def _stretched(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    low, high = values.min(), values.max()
    return np.asarray((values - low) / max(high - low, 1e-9))


def _smoothed(
    pairs: Labels,
    apart: npt.NDArray[np.float64],
    background: npt.NDArray[np.float64],
    contrast: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """The least-squares solution between what says background, what says object, and likeness."""
    count = len(background)
    likeness = np.exp(-(apart[pairs[:, 0], pairs[:, 1]] ** 2) / (2 * COLOUR**2)) + SMOOTHING
    weights = coo_matrix((likeness, (pairs[:, 0], pairs[:, 1])), shape=(count, count)).toarray()
    weights += weights.T
    matrix = np.diag(weights.sum(axis=1) + background + contrast + 1e-6) - weights
    return np.clip(np.linalg.solve(matrix, contrast), 0, 1)
