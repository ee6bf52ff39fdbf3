"""The site's own forms, a module for each kind of thing."""

from hosting.forms.album import AlbumForm
from hosting.forms.expirations import EXPIRATIONS
from hosting.forms.file import FileForm, FilterForm, SelectionForm
from hosting.forms.key import KeyForm
from hosting.forms.settings import THEMES, ClosingForm, DefaultsForm, DomainForm, ProfileForm
from hosting.forms.tool import TOOL_FORMS, ToolForm
from hosting.forms.upload import UploadForm

__all__ = [
    "EXPIRATIONS",
    "THEMES",
    "TOOL_FORMS",
    "AlbumForm",
    "ClosingForm",
    "DefaultsForm",
    "DomainForm",
    "FileForm",
    "FilterForm",
    "KeyForm",
    "ProfileForm",
    "SelectionForm",
    "ToolForm",
    "UploadForm",
]
