"""The labels of models and fields in the administration: their names in the code, translated.

In one place for all of them, since a verbose name on every field would only repeat the field's name.
`scripts/messages.py` collects the names from here.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import AppConfig
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy


def translate(app: AppConfig) -> None:
    """Let the names of the app's models and fields be translated. Migrations do not see it."""
    with translation.override(None):
        for model in app.get_models():
            values = model._meta
            values.verbose_name = gettext_lazy(str(values.verbose_name))
            values.verbose_name_plural = gettext_lazy(str(values.verbose_name_plural))
            for field in _unnamed(model):
                field.verbose_name = gettext_lazy(str(field.verbose_name))


def names(app: AppConfig) -> Iterator[str]:
    """Those names, in English."""
    with translation.override(None):
        for model in app.get_models():
            yield str(model._meta.verbose_name)
            yield str(model._meta.verbose_name_plural)
            yield from (str(field.verbose_name) for field in _unnamed(model))


def _unnamed(model: type[models.Model]) -> list[models.Field]:
    """The fields that are called by their names in the code."""
    return [
        field
        for field in model._meta.get_fields()
        if isinstance(field, models.Field) and field._verbose_name is None  # type: ignore[attr-defined]
    ]
