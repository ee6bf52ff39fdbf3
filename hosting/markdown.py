"""Descriptions, which are Markdown (CommonMark, by OpenAPI's word), as HTML that is safe on a page."""

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


def _begin_heading(*_given: Any) -> str:
    """The page has headings of its own: a description's would stand at a wrong depth."""
    return "<p><strong>"


def _end_heading(*_given: Any) -> str:
    return "</strong></p>\n"


def _begin_table(*_given: Any) -> str:
    return '<div class="scroll" tabindex="0"><table>\n'


def _end_table(*_given: Any) -> str:
    return "</table></div>\n"


# HTML is escaped, and links are of http, https or mailto alone: the library's own rule.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image"])
for _name, _rule in {
    "fence": _block,
    "code_block": _block,
    "heading_open": _begin_heading,
    "heading_close": _end_heading,
    "table_open": _begin_table,
    "table_close": _end_table,
}.items():
    _MARKDOWN.add_render_rule(_name, _rule)


def render(text: str) -> SafeString:
    """`text` as HTML; nothing of it can be a script or load anything."""
    return mark_safe(_MARKDOWN.render(str(text))) if text else SafeString()  # noqa: S308
