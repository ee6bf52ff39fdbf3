"""A model's server for each test, and a site that asks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hosting.backends import service
from tests.hosting.backends.server import ModelServer, model_server

KEY = "sk-very-secret-1234567890"


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    monkeypatch.setattr(service, "RETRY_SECONDS", 0.0)
    with model_server() as running:
        settings.IMAGINE_BACKEND = "openai"
        settings.IMAGINE_URL = settings.VISION_URL = running.url
        settings.IMAGINE_KEY = settings.VISION_KEY = KEY
        settings.IMAGINE_MODEL, settings.VISION_MODEL = "painter", "looker"
        settings.IMAGINE_SECONDS = settings.VISION_SECONDS = 60
        settings.FETCH_TRUSTED_HOSTS = []
        yield running
