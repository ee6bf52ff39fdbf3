"""Collects the texts that people read and brings locale/ up to date: `make messages`.

Python and templates are read by Babel; a template is first turned into Python by Django's own `templatize`, so
nothing but the development set is needed. Texts of refusals are taken from hosting's table of errors, and in
accounts and processing from where they are raised: APIs answer with them in English, pages translate them
(hosting/error_messages.py). English has a short file of its own, in
which what allauth writes With Capitals is said in the site's way.

    python -m scripts.messages            rewrite locale/*/LC_MESSAGES/django.po and .mo
    python -m scripts.messages --check    say what a rewrite would change, and which texts have no translation
"""

from __future__ import annotations

import ast
import io
import os
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

import allauth
import django
from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.apps import apps
from django.utils.translation.template import templatize

from accounts import labels
from hosting import errors

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
LANGUAGES = ("es", "lt")
ENGLISH = "en"
CODE = ("accounts", "config", "hosting", "processing", "server")
TEMPLATES = ROOT / "templates"
# How a new language's file begins; below it stand its terms.
HEAD = "# Written by hand: only `make messages` adds and removes texts."
# What marks a text in Python, and what stands at its places.
_ONE, _MANY = ("one",), ("one", "many")
MARKS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), _ONE),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), _MANY),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ("context", *_ONE)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ("context", *_MANY)),
}
TRANSLATORS = ("Translators:",)
KINDS = frozenset({".py", ".html", ".txt"})

# Who raises errors in words of their own.
RAISING = ("accounts", "processing")
# Errors that only programs see, in the APIs and in the log: they stay English.
FOR_PROGRAMS = (
    "accounts/management",
    "processing/operations",
    "processing/pipeline.py",
    "processing/ocr/reading.py",
)
# Calls that make a refusal, and at which place they take its text.
REFUSALS = {
    "AccountError": 1,
    "ProcessingError": 1,
    "InvalidImage": 0,
    "_damaged": 0,
}

# Pages of allauth and Django that people see here, in our words instead of theirs: whole modules and templates.
SPOKEN = {
    allauth: (
        "account/adapter.py", "account/fields.py", "account/forms.py",
        "mfa/adapter.py", "mfa/totp/forms.py", "socialaccount/adapter.py",
        "templates/account/**/*", "templates/mfa/**/*", "templates/usersessions/**/*",
        "templates/socialaccount/**/*",
    ),
    django: (
        "forms/fields.py", "core/validators.py", "contrib/auth/password_validation.py", "utils/timesince.py",
    ),
}  # fmt: skip
# What of them is switched off here.
UNSPOKEN = re.compile(
    r"phone|webauthn/signup|login_code|confirm_.*_code|password_set|trust|unknown_account"
)
# Of these, what the library's own catalogue lacks in one of our languages.
GAPS = {
    django: (
        "forms/*.py", "db/models/base.py", "db/models/constraints.py", "utils/text.py",
        "contrib/auth/forms.py", "contrib/humanize/templatetags/humanize.py",
        "contrib/admin/*.py", "contrib/admin/templatetags/*.py", "contrib/admin/templates/admin/**/*.html",
    )
}  # fmt: skip

Place = tuple[str, str | tuple[str, ...], list[str], str | None]


class Plain(Catalog):
    """A catalogue whose head names nothing that changes by itself: no dates, no people, no versions."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Language", str(self.locale_identifier)),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]


def places() -> Iterator[Place]:
    """Every text that is marked: its file, the text (or singular and plural), comments, the context."""
    for path in sorted(file for folder in CODE for file in (ROOT / folder).rglob("*.py")):
        yield from _marked(path)
        for text in refusals(path):
            if isinstance(text, str):
                yield _name(path), text, [], None
    yield from (("hosting/errors.py", text, [], None) for text in errors.sentences())
    for app in map(apps.get_app_config, ("accounts", "hosting")):
        yield from ((f"{app.name}/models", text, [], None) for text in labels.names(app))
    for path in sorted(TEMPLATES.rglob("*.html")) + sorted(TEMPLATES.rglob("*.txt")):
        yield from _marked(path)
    for path in _files(SPOKEN):
        if not UNSPOKEN.search(path.as_posix()) and not _is_overridden(path):
            yield from _marked(path)
    for path in _files(GAPS):
        for place in _marked(path):
            is_ordinal = (place[3] or "").startswith("ordinal")
            if not is_ordinal and any(_lacks(one, path, place) for one in LANGUAGES):
                yield place


def refusals(path: Path) -> Iterator[str | ast.JoinedStr]:
    """The texts of a module's refusals that people may read; f-strings where values are in them."""
    name = _name(path)
    if not name.startswith(RAISING) or name.startswith(FOR_PROGRAMS):
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.arguments):
            yield from _defaults(node)
        if not isinstance(node, ast.Call):
            continue
        word = _called(node)
        at = 1 if word == "__init__" and path.name == "errors.py" else REFUSALS.get(word)
        if at is None or len(node.args) <= at:
            continue
        match node.args[at]:
            case ast.Constant(value=str(text)) if text:
                yield text
            case ast.JoinedStr() as text:
                yield text


def _defaults(signature: ast.arguments) -> Iterator[str]:
    """What a refusal says where it is given no `message`."""
    for argument, default in zip(signature.args[::-1], signature.defaults[::-1], strict=False):
        if argument.arg == "message" and isinstance(default, ast.Constant):
            yield str(default.value)


def template(language: str = "") -> Catalog:
    """Every text once, without translations; for English the few that it says otherwise."""
    catalog = Catalog(project="Vitrine", charset="utf-8", fuzzy=False)
    for name, text, comments, context in places():
        if language != ENGLISH or (name.startswith("allauth/") and _is_capitalised(text)):
            catalog.add(text, None, [(name, 0)], auto_comments=comments, context=context)
    return catalog


def _is_capitalised(text: str | tuple[str, ...]) -> bool:
    """Whether It Is Written Like This."""
    words = re.sub(r"\(.*?\)", "", text).split() if isinstance(text, str) else []
    return len(words) > 1 and all(word[0].isupper() for word in words)


def catalog_of(language: str) -> Catalog:
    """The translations as they are written in locale/."""
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return Catalog(locale=language, header_comment=HEAD, fuzzy=False)
    with path.open("rb") as file:
        return pofile.read_po(file, locale=language)


def updated(language: str, texts: Catalog) -> Catalog:
    """The texts that there are now, with their translations; what nobody says any more is dropped."""
    written = catalog_of(language)
    catalog = Plain(locale=language, header_comment=written.header_comment, fuzzy=False)
    for message in texts:
        if not message.id:
            continue
        values = written.get(_single(message), message.context)
        has = values is not None and values.pluralizable == message.pluralizable
        catalog.add(
            message.id,
            values.string if has and values else None,
            message.locations,
            auto_comments=message.auto_comments,
            user_comments=values.user_comments if values else (),
            context=message.context,
        )
    return catalog


def as_po(catalog: Catalog) -> bytes:
    """The file that people edit: without line numbers, which would change with every edit of the code."""
    out = io.BytesIO()
    pofile.write_po(out, catalog, width=112, include_lineno=False, ignore_obsolete=True)
    return out.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    """The file that Django reads."""
    out = io.BytesIO()
    mofile.write_mo(out, catalog)
    return out.getvalue()


def untranslated(catalog: Catalog) -> list[Message]:
    """The texts that would be shown in English."""
    return [message for message in catalog if message.id and not _is_whole(message)]


def _is_whole(message: Message) -> bool:
    values = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(values) and not message.fuzzy


def _marked(path: Path) -> Iterator[Place]:
    if path.suffix == ".py":
        yield from _in_python(path)
        return
    # In brackets, because what is left of a template is indented as HTML is.
    code = f"(\n{templatize(path.read_text(), origin=str(path))}\n)".encode()
    for _line, text, comments, context in extract(
        "python", io.BytesIO(code), DEFAULT_KEYWORDS, TRANSLATORS, strip_comment_tags=True
    ):
        yield _name(path), text, comments, context


def _in_python(path: Path) -> Iterator[Place]:
    """By Python's own parser: Babel's takes the keys in `gettext(row["name"])` for a text."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and (shape := MARKS.get(_called(node))):
            values = dict(zip(shape, node.args, strict=False))
            texts = {
                part: one.value
                for part, one in values.items()
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
            if len(texts) < len(shape):
                continue
            text = (texts["one"], texts["many"]) if "many" in texts else texts["one"]
            yield _name(path), text, [], texts.get("context")


def _is_overridden(path: Path) -> bool:
    """Whether the site has a template of its own in place of a library's."""
    parts = path.parts
    return (
        "templates" in parts and TEMPLATES.joinpath(*parts[parts.index("templates") + 1 :]).exists()
    )


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _files(packages: Mapping[ModuleType, tuple[str, ...]]) -> Iterator[Path]:
    for package, patterns in packages.items():
        folder = Path(package.__file__ or "").parent
        for pattern in patterns:
            yield from sorted(file for file in folder.glob(pattern) if file.suffix in KINDS)


def _lacks(language: str, path: Path, place: Place) -> bool:
    """Whether the library that `path` is of has no translation of a text."""
    text, context = place[1], place[3]
    single = text if isinstance(text, str) else text[0]
    key = f"{context}\x04{single}" if context else single
    library = Path(django.__file__).parent
    inside = (folder for folder in path.parents if folder.is_relative_to(library))
    catalogues = [folder / "locale" for folder in inside] + [library / "conf" / "locale"]
    return not any(key in _known(str(one), language) for one in catalogues)


@cache
def _known(folder: str, language: str) -> frozenset[str]:
    path = Path(folder) / language / "LC_MESSAGES" / "django.mo"
    if not path.exists():
        return frozenset()
    with path.open("rb") as file:
        values = mofile.read_mo(file)
    return frozenset(
        f"{message.context}\x04{_single(message)}" if message.context else _single(message)
        for message in values
        if message.string
    )


def _single(message: Message) -> str:
    return str(message.id if isinstance(message.id, str) else message.id[0])


def _name(path: Path) -> str:
    """Where a text stands: below the project, or below the folder of installed packages."""
    parts = path.relative_to(ROOT).parts if path.is_relative_to(ROOT) else path.parts
    start = parts.index("site-packages") + 1 if "site-packages" in parts else 0
    return "/".join(parts[start:])


def main(arguments: list[str]) -> int:
    """Rewrite, or with --check compare; the exit status says whether something is missing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    every, missing = template(), 0
    for language in (*LANGUAGES, ENGLISH):
        catalog = updated(language, template(ENGLISH) if language == ENGLISH else every)
        folder = LOCALE / language / "LC_MESSAGES"
        for name, content in (("django.po", as_po(catalog)), ("django.mo", as_mo(catalog))):
            file = folder / name
            if "--check" not in arguments:
                folder.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            elif not file.exists() or file.read_bytes() != content:
                print(f"{_name(file)} is not up to date: run make messages")
                missing += 1
        for message in untranslated(catalog):
            print(f"{language}: no translation of {message.id!r}")
            missing += 1
        print(f"{language}: {len(catalog)} texts")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
