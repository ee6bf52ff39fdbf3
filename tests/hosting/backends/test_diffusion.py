"""Pictures by a diffusers model in a folder: a tiny one that knows nothing, loaded and run as any is."""

from __future__ import annotations

import io
import json
import shutil
import string
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hosting.backends import diffusion, imagine
from hosting.backends.imagine import Prompt
from hosting.errors import HostingError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        find_spec("diffusers") is None or find_spec("torch") is None,
        reason="the extra “imagine” (diffusers, torch, transformers, accelerate) is not installed",
    ),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stable Diffusion with some thousand random weights, saved as models are."""
    import torch
    from diffusers import (
        AutoencoderKL,
        DDIMScheduler,
        StableDiffusionPipeline,
        UNet2DConditionModel,
    )
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    folder = tmp_path_factory.mktemp("model")
    torch.manual_seed(0)
    # Threads would wait for one another longer than they compute.
    torch.set_num_threads(1)
    words = [*string.ascii_lowercase, *(f"{letter}</w>" for letter in string.ascii_lowercase)]
    words += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary, merges = folder / "vocab.json", folder / "merges.txt"
    vocabulary.write_text(json.dumps({word: number for number, word in enumerate(words)}))
    merges.write_text("#version: 0.2\n")
    text = CLIPTextConfig(
        vocab_size=len(words), hidden_size=16, intermediate_size=16, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=77,
        bos_token_id=len(words) - 2, eos_token_id=len(words) - 1, pad_token_id=len(words) - 1,
    )  # fmt: skip
    blocks = {"block_out_channels": (8, 8), "layers_per_block": 1, "norm_num_groups": 4}
    unet = UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, cross_attention_dim=16, attention_head_dim=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), **blocks,
    )  # fmt: skip
    vae = AutoencoderKL(
        sample_size=16, latent_channels=4, down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2, **blocks,
    )  # fmt: skip
    StableDiffusionPipeline(
        vae=vae,
        text_encoder=CLIPTextModel(text),
        tokenizer=CLIPTokenizer(str(vocabulary), str(merges), model_max_length=77),
        unet=unet,
        scheduler=DDIMScheduler(clip_sample=False, steps_offset=1),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder / "saved", safe_serialization=True)
    return folder / "saved"


@pytest.fixture(autouse=True)
def _site(settings: Any, model: Path) -> None:
    settings.IMAGINE_BACKEND = "diffusers"
    settings.IMAGINE_MODEL_DIR = str(model)
    diffusion._pipeline.cache_clear()


def draw(values: list[float] | None = None, **wish: Any) -> bytes:
    heard = values if values is not None else []
    return imagine.draw(Prompt(**{"prompt": "a cat", **wish}), heard.append).data


def test_a_prompt_becomes_a_jpeg_of_1024_by_1024() -> None:
    entries: list[float] = []
    image = Image.open(io.BytesIO(draw(entries)))
    assert (image.format, image.size) == ("JPEG", (1024, 1024))
    assert len(entries) == 50
    assert entries == sorted(entries)
    assert 0 < entries[0] < entries[-1] < 1


def test_a_seed_gives_the_same_picture_again_and_another_one_another() -> None:
    first = draw(seed=5, negative_prompt="dogs")
    assert draw(seed=5, negative_prompt="dogs") == first
    assert draw(seed=2**70, negative_prompt="dogs") != first
    assert draw(negative_prompt="dogs") != draw(negative_prompt="dogs")


def test_the_model_is_loaded_once(model: Path) -> None:
    draw()
    draw(model="sdxl", seed=1)
    assert diffusion._pipeline.cache_info().misses == 1


def test_work_that_is_to_stop_stops_at_the_next_step() -> None:
    class Stopped(Exception):
        pass

    steps: list[float] = []

    def progress(fraction: float) -> None:
        steps.append(fraction)
        if len(steps) == 3:
            raise Stopped

    with pytest.raises(Stopped):
        imagine.draw(Prompt("a cat"), progress)
    assert len(steps) == 3


@pytest.mark.parametrize("broken", ["missing", "empty", "pickled"])
def test_a_folder_that_holds_no_such_model_is_the_operators_matter(
    settings: Any, tmp_path: Path, model: Path, broken: str
) -> None:
    folder = tmp_path / "model"
    if broken == "empty":
        folder.mkdir()
    if broken == "pickled":
        shutil.copytree(model, folder)
        for weights in folder.rglob("*.safetensors"):
            weights.rename(weights.with_suffix(".bin"))
    settings.IMAGINE_MODEL_DIR = str(folder)
    with pytest.raises(HostingError, match="IMAGINE_MODEL_DIR") as raised:
        draw()
    assert raised.value.code == "not_configured"
    assert str(folder) not in raised.value.message


def test_with_the_libraries_installed_nothing_is_refused() -> None:
    imagine.refuse_if_not_configured()
