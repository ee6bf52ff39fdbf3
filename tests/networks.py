"""Small networks in ONNX, built here: what the real ones take and give, with a rule one can check."""

from __future__ import annotations

import hashlib
from pathlib import Path

import onnx
from onnx import TensorProto, helper

# How rembg shows a picture to U²-Net: as red, green, blue, less their means, over their deviations.
DEVIATIONS = (0.229, 0.224, 0.225)


def redness(side: int = 320) -> bytes:
    """A network that finds red things: where red is well above half of green and blue.

    side: of the square that it takes; rembg gives 320 pixels to a u2net_custom.
    """
    weights = [
        4 * share * factor for factor, share in zip(DEVIATIONS, (1, -0.5, -0.5), strict=True)
    ]
    # The means are 0.485, 0.456 and 0.406; from an eighth on it begins to be red.
    offset = 4 * (0.485 - 0.5 * (0.456 + 0.406) - 0.125)
    square = ["batch", 1, side, side]
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["picture", "weights", "offset"], ["red"]),
            helper.make_node("Clip", ["red", "none", "all"], ["mask"]),
        ],
        "redness",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["batch", 3, side, side])],
        [helper.make_tensor_value_info("mask", TensorProto.FLOAT, square)],
        [
            helper.make_tensor("weights", TensorProto.FLOAT, [1, 3, 1, 1], weights),
            helper.make_tensor("offset", TensorProto.FLOAT, [1], [offset]),
            helper.make_tensor("none", TensorProto.FLOAT, [], [0.0]),
            helper.make_tensor("all", TensorProto.FLOAT, [], [1.0]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def install(folder: Path, model: str, data: bytes) -> None:
    """Put a network where a site looks for `model`, as `fetch_models` does."""
    (folder / f"{model}.onnx").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    (folder / f"{model}.onnx.sha256").write_text(f"{digest}  {model}.onnx\n")
