"""The tools' forms: which picture, and what to do with it. One for each of hosting.jobs.tools.TOOLS."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hosting.jobs.tools import TARGETS, TOOLS
from processing import FORMATS, SIZED

# The longest side that any of our formats can have.
LONGEST = 65_500
SIZE = re.compile(r"(\d{1,9}(?:[.,]\d{1,3})?)\s*(kb|mb|k|m|b)?", re.IGNORECASE)
# A thousand each: what keeps to it keeps to 1024 as well.
UNITS = {"": 1000, "b": 1, "k": 1000, "kb": 1000, "m": 1_000_000, "mb": 1_000_000}


class ToolForm(forms.Form):
    """The source of the picture: an uploaded file, or one of the member's files (by its id)."""

    name: ClassVar[str]
    title: ClassVar[str | Promise]
    about: ClassVar[str | Promise]

    upload = forms.FileField(label=_("File to upload"), required=False, allow_empty_file=True)
    file = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        formats = [one for one in FORMATS.values() if one.name in TOOLS[self.name].accepts]
        endings = [f".{end}" for one in formats for end in one.extensions]
        self.fields["upload"].widget.attrs["accept"] = ",".join(endings)
        self.fields["upload"].help_text = ", ".join(one.label for one in formats)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("upload") and not values.get("file"):
            self.add_error("upload", _("Choose a file first."))
        return values

    @property
    def parameter_fields(self) -> list[forms.BoundField]:
        """The fields with the tool's own options."""
        return [field for field in self if field.name not in {"upload", "file"}]

    def parameters(self) -> dict[str, Any]:
        """The valid form in the words of the tool."""
        return {field.name: self.cleaned_data[field.name] for field in self.parameter_fields}


class CompressForm(ToolForm):
    name = "compress"
    title = _("Compress")
    about = _("Smaller file, same look.")


class ConvertForm(ToolForm):
    name = "convert"
    title = _("Convert")
    about = _("Change to another format.")

    format = forms.ChoiceField(
        label=_("Convert to"), choices=[(one, FORMATS[one].label) for one in TARGETS]
    )
    quality = forms.IntegerField(
        label=_("Quality"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=_("1 to 100. Leave empty for the format's default."),
    )


class ResizeForm(ToolForm):
    name = "resize"
    title = _("Resize")
    about = _("Set the width, the height, or both.")

    width = forms.IntegerField(
        label=_("Width in pixels"), required=False, min_value=1, max_value=LONGEST
    )
    height = forms.IntegerField(
        label=_("Height in pixels"), required=False, min_value=1, max_value=LONGEST
    )
    fit = forms.ChoiceField(
        label=_("If both are set"),
        choices=[
            ("within", _("Fit inside, keep proportions")),
            ("fill", _("Stretch to exactly this size")),
        ],
    )
    upscale = forms.BooleanField(label=_("Allow enlarging"), required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if not self.errors and not (values.get("width") or values.get("height")):
            self.add_error("width", _("Enter a width, a height, or both."))
        return values


class CropForm(ToolForm):
    name = "crop"
    title = _("Crop")
    about = _("Keep only the part you want.")

    x = forms.IntegerField(
        label=_("Offset from left (pixels)"), min_value=0, max_value=LONGEST, initial=0
    )
    y = forms.IntegerField(
        label=_("Offset from top (pixels)"), min_value=0, max_value=LONGEST, initial=0
    )
    width = forms.IntegerField(label=_("Width in pixels"), min_value=1, max_value=LONGEST)
    height = forms.IntegerField(label=_("Height in pixels"), min_value=1, max_value=LONGEST)


class RemoveBackgroundForm(ToolForm):
    name = "remove-background"
    title = _("Remove background")
    about = _("Keep the subject on a transparent background.")


class WordToPdfForm(ToolForm):
    name = "word-to-pdf"
    title = _("Word to PDF")
    about = _("Turn a Word document into a PDF.")


class CompressToSizeForm(ToolForm):
    name = "compress-to-size"
    title = _("Compress to size")
    about = _("The best quality that fits a file size.")

    target = forms.CharField(
        label=_("Maximum size"),
        max_length=20,
        initial="200 KB",
        help_text=_("For example, 200 KB or 1.5 MB."),
    )
    format = forms.ChoiceField(
        label=_("Format"),
        required=False,
        choices=[
            ("", _("Keep as is")),
            *((name, one.label) for name, one in FORMATS.items() if name in SIZED),
        ],
    )

    def clean_target(self) -> int:
        """In bytes."""
        match = SIZE.fullmatch(self.cleaned_data["target"].strip())
        number = float(match[1].replace(",", ".")) if match else 0.0
        target = int(number * UNITS[(match[2] or "").lower()]) if match else 0
        if not 0 < target <= 2**40:
            raise ValidationError(_("Enter a size such as 200 KB or 1.5 MB."))
        return target

    def parameters(self) -> dict[str, Any]:
        values = self.cleaned_data
        return {
            "target": values["target"],
            "format": values["format"] or None,
            "output": values["format"] or "original",
        }


TOOL_FORMS: Mapping[str, type[ToolForm]] = {
    form.name: form
    for form in (
        CompressForm,
        CompressToSizeForm,
        ConvertForm,
        ResizeForm,
        CropForm,
        RemoveBackgroundForm,
        WordToPdfForm,
    )
}
