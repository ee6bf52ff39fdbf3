"""A member's existing files: editing one, editing many at once, and filtering their list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from hosting.catalogue import search
from hosting.catalogue.listing import KINDS, ORDERS, Order
from hosting.files.bulk_editing import SelectionChanges
from hosting.files.editing import Changes
from hosting.forms.expirations import CHOICES, EXPIRATIONS
from hosting.models import Album, Category, HostedFile, Privacy
from hosting.models.file import DESCRIPTION_LENGTH, TITLE_LENGTH
from hosting.unset import UNSET

# The privacies that a single file can have; only albums have passwords.
PRIVACIES = [
    (Privacy.PUBLIC.value, _("Public (listed)")),
    (Privacy.UNLISTED.value, _("Anyone with the link")),
    (Privacy.PRIVATE.value, _("Only you")),
]
# Special values of fields: leave as it is, and remove.
KEEP, NONE = "keep", "none"
AS_IT_IS = (KEEP, _("Keep as is"))

TAGS_HINT = _("Separate tags with commas.")


def words(text: str) -> tuple[str, ...]:
    """The tags of a field."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def albums_of(owner: User) -> list[tuple[str, str]]:
    """The owner's albums as choices."""
    return list(Album.objects.filter(owner=owner).values_list("public_id", "name"))


def categories() -> list[tuple[str, str]]:
    """The site's categories as choices."""
    return list(Category.objects.values_list("url_key", "name"))


def _chosen_album(owner: User, public_id: str) -> Album | None:
    return Album.objects.filter(owner=owner, public_id=public_id).first()


def _chosen_category(url_key: str) -> Category | None:
    return Category.objects.filter(url_key=url_key).first()


class FileForm(forms.Form):
    """All the editable details of one file."""

    title = forms.CharField(label=_("Title"), required=False, max_length=TITLE_LENGTH)
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=DESCRIPTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    tags = forms.CharField(label=_("Tags"), required=False, max_length=1200, help_text=TAGS_HINT)
    album = forms.ChoiceField(label=_("Album"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    privacy = forms.ChoiceField(label=_("Privacy"), choices=PRIVACIES)
    expires = forms.ChoiceField(
        label=_("Auto-delete"),
        required=False,
        choices=[AS_IT_IS, *CHOICES],
        help_text=_("Counted from now."),
    )
    nsfw = forms.BooleanField(
        label=_("Not safe for work (NSFW)"),
        required=False,
        help_text=_("Blurred until the viewer chooses to see it."),
    )

    def __init__(self, *args: Any, file: HostedFile, owner: User, **kwargs: Any) -> None:
        initial = {
            "title": file.title,
            "description": file.description,
            "tags": ", ".join(tag.name for tag in file.tags.all()),
            "album": file.album.public_id if file.album else "",
            "category": file.category.url_key if file.category else "",
            "privacy": file.privacy,
            "expires": KEEP,
            "nsfw": file.nsfw,
        }
        super().__init__(*args, **{"initial": initial, **kwargs})
        self._owner = owner
        self.fields["album"].choices = [("", _("No album")), *albums_of(owner)]  # type: ignore[attr-defined]
        self.fields["category"].choices = [("", _("No category")), *categories()]  # type: ignore[attr-defined]

    def changes(self) -> Changes:
        """The valid form in the words of the domain."""
        values = self.cleaned_data
        expires = values["expires"] if "expires" in self.data else KEEP
        return Changes(
            title=values["title"],
            description=values["description"],
            tags=words(values["tags"]),
            album=_chosen_album(self._owner, values["album"]) if values["album"] else None,
            category=_chosen_category(values["category"]) if values["category"] else None,
            nsfw=values["nsfw"],
            privacy=values["privacy"],
            expires_at=UNSET if expires == KEEP else _moment(expires),
        )


class SelectionForm(forms.Form):
    """Changes to many files at once; unchanged fields are left out."""

    album = forms.ChoiceField(label=_("Album"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    add_tags = forms.CharField(
        label=_("Add tags"), required=False, max_length=1200, help_text=TAGS_HINT
    )
    remove_tags = forms.CharField(
        label=_("Remove tags"), required=False, max_length=1200, help_text=TAGS_HINT
    )
    privacy = forms.ChoiceField(label=_("Privacy"), required=False, choices=[AS_IT_IS, *PRIVACIES])
    nsfw = forms.ChoiceField(
        label=_("Not safe for work (NSFW)"),
        required=False,
        choices=[AS_IT_IS, ("yes", _("Yes")), ("no", _("No"))],
    )
    expires = forms.ChoiceField(
        label=_("Auto-delete"), required=False, choices=[AS_IT_IS, *CHOICES]
    )

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        # Explicit: without a value, a browser would show "Never" for the time of deletion.
        initial = dict.fromkeys(("album", "category", "privacy", "nsfw", "expires"), KEEP)
        super().__init__(*args, **{"initial": initial, **kwargs})
        self._owner = owner
        self.fields["album"].choices = [  # type: ignore[attr-defined]
            AS_IT_IS, (NONE, _("No album")), *albums_of(owner),
        ]  # fmt: skip
        self.fields["category"].choices = [  # type: ignore[attr-defined]
            AS_IT_IS, (NONE, _("No category")), *categories(),
        ]  # fmt: skip

    def changes(self) -> SelectionChanges:
        """The valid form in the words of the domain."""
        values = self.cleaned_data
        album, category = values["album"] or KEEP, values["category"] or KEEP
        expires = values["expires"] if "expires" in self.data else KEEP
        nsfw: dict[str, bool] = {"yes": True, "no": False}
        return SelectionChanges(
            changes=Changes(
                album=UNSET if album == KEEP else _chosen_album(self._owner, album),
                category=UNSET if category == KEEP else _chosen_category(category),
                nsfw=nsfw.get(values["nsfw"], UNSET),
                privacy=UNSET if values["privacy"] in {"", KEEP} else values["privacy"],
                expires_at=UNSET if expires == KEEP else _moment(expires),
            ),
            add_tags=words(values["add_tags"]),
            remove_tags=words(values["remove_tags"]),
        )


def _moment(key: str) -> Any:
    span = EXPIRATIONS[key][1]
    return timezone.now() + span if span is not None else None


# Filters that only a member's own list has.
OWN_KINDS = {**KINDS, "documents": Q(kind=HostedFile.Kind.DOCUMENT)}
KIND_LABELS = {
    "all": _("Everything"),
    "images": _("Pictures"),
    "videos": _("Videos"),
    "animated": _("Animations"),
    "documents": _("Documents"),
}
SORT_LABELS = {
    "recent": _("Newest first"),
    "largest": _("Largest first"),
    "popular": _("Most viewed first"),
    "liked": _("Most liked first"),
}
VIEWS = {"grid": _("Grid"), "list": _("List")}


class FilterForm(forms.Form):
    """Which of the member's files are listed, and how. Missing or invalid parameters have defaults."""

    q = forms.CharField(
        label=_("Keywords"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    kind = forms.ChoiceField(label=_("Type"), required=False, choices=list(KIND_LABELS.items()))
    album = forms.ChoiceField(label=_("Album"), required=False)
    tag = forms.CharField(label=_("Tag"), required=False, max_length=32)
    sort = forms.ChoiceField(label=_("Sort by"), required=False, choices=list(SORT_LABELS.items()))
    view = forms.ChoiceField(label=_("View as"), required=False, choices=list(VIEWS.items()))

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._owner = owner
        self.fields["album"].choices = [  # type: ignore[attr-defined]
            ("", _("All albums")), (NONE, _("Not in an album")), *albums_of(owner),
        ]  # fmt: skip
        self.is_valid()

    def value_of(self, name: str, default: str = "") -> str:
        """The choice for `name`, if it is valid."""
        return str(self.cleaned_data.get(name) or default)

    @property
    def order(self) -> Order:
        return ORDERS[self.value_of("sort", "recent")]

    @property
    def narrows(self) -> bool:
        """Whether files may be left out."""
        named = self.value_of("q") or self.value_of("album") or self.value_of("tag")
        return bool(named or self.value_of("kind", "all") != "all")

    def narrowed(self, rows: QuerySet[HostedFile]) -> QuerySet[HostedFile]:
        """The `rows` to list."""
        found = rows.filter(self._condition())
        return search.matching(found, self.value_of("q")) if self.value_of("q") else found

    def _condition(self) -> Q:
        wanted = OWN_KINDS[self.value_of("kind", "all")]
        album, tag = self.value_of("album"), " ".join(self.value_of("tag").split())
        if album:
            wanted &= Q(album=None) if album == NONE else Q(album__public_id=album)
        return wanted & Q(tags__name=tag) if tag else wanted
