"""What describes the APIs: one OpenAPI 3.1 document each, made from what the APIs themselves read.

`operation` holds the words in which an API describes itself (in its own `description`); `inspector` and
`generator` make a document of them with drf-spectacular; `views` serves it.
"""

from __future__ import annotations

import threading
from importlib import import_module
from typing import Any

from hosting.api.dialects import DIALECTS

_made: dict[str, dict[str, Any]] = {}
_making = threading.Lock()


def document(name: str) -> dict[str, Any]:
    """The OpenAPI document of an API, made once per process: read it, and change nothing in it.

    Raises KeyError for a name that is not in DIALECTS.
    """
    if name not in DIALECTS:
        raise KeyError(name)
    with _making:
        if name not in _made:
            from hosting.api.schema.generator import generate

            _made[name] = generate(import_module(f"hosting.api.{name}.description").API)
        return _made[name]
