"""The reference of an API, made of its OpenAPI document: what a page shows, and the code that it prints.

Nothing here knows which APIs there are: `read` takes any document of OpenAPI 3.1.
"""

from hosting.reference.document import (
    Answer,
    Body,
    Operation,
    Reference,
    Section,
    read,
)
from hosting.reference.fields import Field, Fields

__all__ = [
    "Answer",
    "Body",
    "Field",
    "Fields",
    "Operation",
    "Reference",
    "Section",
    "read",
]
