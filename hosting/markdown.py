"""Markdown (CommonMark and tables) as HTML that is safe on a page: the operator's texts, APIs' descriptions."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markdown_it.utils import OptionsDict


def _block(
    self: RendererProtocol,
    tokens: Sequence[Token],
    at: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    """Code that is wider than the screen is scrolled, by the keyboard too."""
    return f'<pre tabindex="0"><code>{escape(tokens[at].content)}</code></pre>\n'


def _heading(
    self: RendererProtocol,
    tokens: Sequence[Token],
    at: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    """A heading as written, or bold text where the page's own headings leave no level for it."""
    begins = tokens[at].nesting > 0
    if env["headings"]:
        return f"<{tokens[at].tag}>" if begins else f"</{tokens[at].tag}>\n"
    return "<p><strong>" if begins else "</strong></p>\n"


def _begin_table(*_given: Any) -> str:
    return '<div class="scroll" tabindex="0"><table>\n'


def _end_table(*_given: Any) -> str:
    return "</table></div>\n"


# HTML is shown as the letters that it is, and a link may be http(s) or mailto only (the library's own check
# turns javascript: and its like into text). An image would be fetched from another host: it stays a word.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image"])
for _name, _rule in {
    "fence": _block,
    "code_block": _block,
    "heading_open": _heading,
    "heading_close": _heading,
    "table_open": _begin_table,
    "table_close": _end_table,
}.items():
    _MARKDOWN.add_render_rule(_name, _rule)


def render(text: str, *, headings: bool = False) -> SafeString:
    """`text` as HTML; nothing of it can be a script or load anything. headings: whether it may have some."""
    body = _MARKDOWN.render(str(text), {"headings": headings}) if text else ""
    return mark_safe(body)  # noqa: S308, every tag is the library's own or one of those above
