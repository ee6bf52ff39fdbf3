"""Pictures by this machine: a model of Hugging Face's diffusers in a folder, nothing of it from a network.

The libraries are an extra of gigabytes, imported by the first picture that is wanted; the model then stays
loaded in the worker that made it.
"""

from __future__ import annotations

import inspect
import io
import logging
import os
import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from hosting.backends.prompt import Progress, Prompt
from hosting.backends.service import refused
from hosting.errors import HostingError

if TYPE_CHECKING:
    from PIL import Image

logger = logging.getLogger(__name__)

# Generators take whole numbers of 64 bits.
SEEDS = 1 << 64
_one_at_a_time = threading.Lock()


def draw(prompt: Prompt, progress: Progress) -> bytes:
    """The picture as PNG, of the size that the model was made for. Raises HostingError."""
    folder = settings.IMAGINE_MODELS.get(prompt.model, settings.IMAGINE_MODEL_DIR)
    with _one_at_a_time:
        picture = _drawn(_pipeline(folder), prompt, progress)
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=1)
    return stream.getvalue()


@lru_cache(maxsize=1)
def _pipeline(folder: str) -> Any:
    """The model of a folder, loaded onto what of this machine is fastest. Only the last one is kept."""
    # Read when the libraries are imported: they are never to ask anybody for anything.
    os.environ["HF_HUB_OFFLINE"] = os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    import torch
    from diffusers import DiffusionPipeline

    gpu = torch.cuda.is_available()
    try:
        pipeline = DiffusionPipeline.from_pretrained(
            Path(folder).resolve(strict=True),
            # Pickles could run anything, and so could code beside the weights.
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            dtype=torch.float16 if gpu else torch.float32,
        )
    except (OSError, ValueError) as error:
        logger.error("the model in %s cannot be loaded: %s", folder, error)
        raise HostingError("not_configured.model") from None
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to("cuda" if gpu else "cpu")


def _drawn(pipeline: Any, prompt: Prompt, progress: Progress) -> Image.Image:
    import torch

    def step(running: Any, number: int, at: Any, values: dict[str, Any]) -> dict[str, Any]:
        progress(0.95 * (number + 1) / max(1, running.num_timesteps))
        return values

    generator = torch.Generator()
    wanted = {
        "prompt": prompt.prompt,
        "negative_prompt": prompt.negative_prompt or None,
        "generator": generator
        if prompt.seed is None
        else generator.manual_seed(prompt.seed % SEEDS),
        "callback_on_step_end": step,
    }
    if prompt.seed is None:
        generator.seed()
    # Models differ in what they take; all take a prompt.
    taken = inspect.signature(pipeline.__call__).parameters
    made = pipeline(**{name: value for name, value in wanted.items() if name in taken})
    # What a model's own checker did not like has been painted over.
    if any(getattr(made, "nsfw_content_detected", None) or ()):
        raise refused()
    if not made.images:
        raise HostingError("backend_failed.nothing")
    image: Image.Image = made.images[0]
    return image
