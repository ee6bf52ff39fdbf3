"""Pictures from prompts: BACKENDS, the table of what can make them, and draw().

A backend's output is treated like a stranger's upload: inspected, decoded within limits, re-encoded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec

from django.conf import settings

from hosting.backends import diffusion, images_api
from hosting.backends.prompt import Progress, Prompt
from hosting.errors import HostingError
from processing import OPERATIONS, Limits, Output, Pipeline, ProcessingError, Result, inspect, run

__all__ = ["BACKENDS", "Prompt", "draw", "refuse_if_not_configured"]

SQUARE = {"width": 1024, "height": 1024, "upscale": True}
# What a backend may hand over.
LIMITS = Limits(bytes=images_api.MOST_BYTES, pixels=4096 * 4096, side=8192, frames=1)
FORMATS = frozenset({"jpeg", "png", "webp"})


@dataclass(frozen=True)
class Backend:
    """What makes pictures. draw: the bytes of a picture file. settings, modules: what it cannot be without."""

    draw: Callable[[Prompt, Progress], bytes]
    settings: tuple[str, ...]
    modules: tuple[str, ...] = ()


BACKENDS: Mapping[str, Backend] = {
    "openai": Backend(images_api.draw, ("IMAGINE_URL", "IMAGINE_MODEL")),
    "diffusers": Backend(
        diffusion.draw, ("IMAGINE_MODEL_DIR",), modules=("diffusers", "torch", "transformers")
    ),
}


def refuse_if_not_configured() -> None:
    """Raise not_configured where this site makes no pictures; its message says what to set."""
    name = settings.IMAGINE_BACKEND
    if not name:
        ways = " or ".join(
            f"IMAGINE_BACKEND={name} with {' and '.join(backend.settings)}"
            for name, backend in BACKENDS.items()
        )
        raise HostingError("not_configured", settings=ways)
    backend = BACKENDS[name]
    if missing := [setting for setting in backend.settings if not getattr(settings, setting)]:
        raise HostingError("not_configured", settings=" and ".join(missing))
    if [module for module in backend.modules if find_spec(module) is None]:
        raise HostingError("not_configured.extra")


def draw(prompt: Prompt, progress: Progress) -> Result:
    """A JPEG of 1024 x 1024 pixels.

    Raises HostingError: not_configured, backend_failed, timed_out, busy or refused_prompt.
    """
    refuse_if_not_configured()
    name = settings.IMAGINE_BACKEND
    data = BACKENDS[name].draw(prompt, progress)
    try:
        if inspect(data, LIMITS).format.name not in FORMATS:
            raise HostingError("backend_failed.no_picture")
        square = OPERATIONS["cover"].model_validate(SQUARE)
        result = run(data, Pipeline((square,)), Output("jpeg", profile="srgb"), LIMITS)
    except ProcessingError:
        raise HostingError("backend_failed.no_picture") from None
    return replace(result, engine=name)
