"""EMBEDS: the texts that people copy to show a file somewhere else.

A literal table in the order in which pages show it. A line's `image` and `video` are templates over the names
of `links_of`; a line whose file lacks one of its links is left out. The keys are Chevereto's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Formatter

from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from hosting.delivery.links import absolute, url_of
from hosting.files.variants import FRAME, MEDIUM, THUMB
from hosting.models import HostedFile

Text = str | Promise

# Lines of a code that are visible at once; the rest scrolls, and is copied all the same.
MOST_ROWS = 6

GROUPS: dict[str, Text] = {
    "link": _("Links"),
    "html": "HTML",
    "markdown": "Markdown",
    "bbcode": "BBCode",
}


@dataclass(frozen=True)
class Embed:
    """One kind of text. `video` is None where a video's is the same as a picture's."""

    group: str
    key: str
    label: Text
    image: str
    video: str | None = None


IMG = '<img src="{%s}" alt="{title}" border="0">'
VIDEO = '<video src="{direct}" poster="{frame}" title="{title}" controls></video>'

EMBEDS: tuple[Embed, ...] = (
    Embed("link", "viewer-links", _("Viewer"), "{viewer}"),
    Embed("link", "direct-links", _("Direct"), "{direct}"),
    Embed("link", "thumb-links", _("Thumbnail"), "{thumb}"),
    Embed("link", "medium-links", _("Medium"), "{medium}", "{frame}"),
    Embed("link", "delete-links", _("Delete link"), "{delete}"),
    Embed("html", "html-embed", _("Full image"), IMG % "direct", VIDEO),
    Embed(
        "html", "full-html-embed", _("Full image, linked"),
        f'<a href="{{viewer}}">{IMG % "direct"}</a>', f'<a href="{{viewer}}">{IMG % "frame"}</a>',
    ),
    Embed(
        "html", "medium-html-embed", _("Medium, linked"),
        f'<a href="{{viewer}}">{IMG % "medium"}</a>',
    ),
    Embed(
        "html", "thumb-html-embed", _("Thumbnail, linked"),
        f'<a href="{{viewer}}">{IMG % "thumb"}</a>',
    ),
    Embed(
        "markdown", "markdown-embed", _("Full image"),
        "![{title}]({direct})", "[![{title}]({frame})]({direct})",
    ),
    Embed(
        "markdown", "full-markdown-embed", _("Full image, linked"),
        "[![{title}]({direct})]({viewer})", "[![{title}]({frame})]({viewer})",
    ),
    Embed(
        "markdown", "medium-markdown-embed", _("Medium, linked"),
        "[![{title}]({medium})]({viewer})",
    ),
    Embed(
        "markdown", "thumb-markdown-embed", _("Thumbnail, linked"),
        "[![{title}]({thumb})]({viewer})",
    ),
    Embed(
        "bbcode", "bbcode-embed", _("Full image"),
        "[img]{direct}[/img]", "[video]{direct}[/video]",
    ),
    Embed(
        "bbcode", "full-bbcode-embed", _("Full image, linked"),
        "[url={viewer}][img]{direct}[/img][/url]", "[url={viewer}][img]{frame}[/img][/url]",
    ),
    Embed(
        "bbcode", "medium-bbcode-embed", _("Medium, linked"),
        "[url={viewer}][img]{medium}[/img][/url]",
    ),
    Embed(
        "bbcode", "thumb-bbcode-embed", _("Thumbnail, linked"),
        "[url={viewer}][img]{thumb}[/img][/url]",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Code:
    """One finished text, a line a file."""

    key: str
    label: Text
    text: str
    lines: int

    @property
    def rows(self) -> int:
        """How many of its lines are seen at once."""
        return max(1, min(self.lines, MOST_ROWS))


@dataclass(frozen=True)
class CodeGroup:
    """The finished texts of one language."""

    key: str
    label: Text
    codes: list[Code]


def links_of(file: HostedFile, delete_url: str = "") -> dict[str, str]:
    """Every link that the file has, by the names that the templates use."""
    stored = {variant.name: url_of(variant) for variant in file.variants.all()}
    links = {
        "viewer": absolute(file.viewer_path),
        "direct": url_of(file),
        "thumb": stored.get(THUMB, ""),
        "medium": stored.get(MEDIUM) or stored.get(FRAME, ""),
        "frame": stored.get(FRAME, ""),
        "delete": delete_url,
    }
    return {name: link for name, link in links.items() if link}


def groups(files: Iterable[tuple[HostedFile, str]]) -> list[CodeGroup]:
    """The codes of one or several (file, delete link or ""), group by group in the table's order."""
    named = [(file, links_of(file, delete_url)) for file, delete_url in files]
    found: dict[str, list[Code]] = {key: [] for key in GROUPS}
    for embed in EMBEDS:
        lines = [line for file, links in named if (line := _line(embed, file, links))]
        if lines:
            code = Code(embed.key, embed.label, "\n".join(lines), len(lines))
            found[embed.group].append(code)
    return [CodeGroup(key, GROUPS[key], codes) for key, codes in found.items() if codes]


def lines_of(file: HostedFile, delete_url: str = "") -> dict[str, str]:
    """Each code of one file by its key; codes that the file does not have are left out."""
    return {code.key: code.text for group in groups([(file, delete_url)]) for code in group.codes}


def blank() -> list[CodeGroup]:
    """Every code without its text, for a page that fills them in."""
    return [
        CodeGroup(
            key, label, [Code(one.key, one.label, "", 0) for one in EMBEDS if one.group == key]
        )
        for key, label in GROUPS.items()
    ]


def _line(embed: Embed, file: HostedFile, links: Mapping[str, str]) -> str:
    is_video = file.kind == file.Kind.VIDEO
    template = embed.video if is_video and embed.video is not None else embed.image
    values = {**links, "title": _title(embed.group, file.display_title)}
    fields = {name for _text, name, _spec, _conversion in Formatter().parse(template) if name}
    return template.format(**values) if fields <= values.keys() else ""


def _title(group: str, title: str) -> str:
    """The title escaped for the language of `group`, so that it stays text whatever it contains."""
    one_line = " ".join(title.split())
    if group == "markdown":
        return re.sub(r"([\\`*_\[\]<>!()&])", r"\\\1", one_line)
    return escape(one_line) if group == "html" else one_line
