"""CSS in drawings: parsed, stripped of anything that could load something, and rewritten in one spelling.

What is read (by tinycss2, following the standard's grammar) is what is written, so no escape, comment or
unfinished string can mean one thing here and another in a browser. Only the rule or declaration that is not
allowed is removed; from a value, only an address that leads outside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import tinycss2
from tinycss2 import ast

from processing.errors import InvalidImage
from processing.vector import embedded
from processing.vector.allowed import (
    AT_RULES,
    FONT_FUNCTIONS,
    FUNCTIONS,
    NAMESPACES,
    RUNNING,
)

# Characters of CSS that one drawing may have parsed, without the data in it: a second or two of work.
MOST_CSS = 1 << 18
# Blocks within blocks.
DEEPEST = 30

# Begun only where a run begins, so that none is looked at again from each of its letters.
_DATA = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/=]{200,}+")
# A value in which this finds nothing but simple functions and references within the drawing is left as it is.
_LETTER = r"[^\s!-,./:-@\[-^`{-~]"
_OPENING = re.compile(rf"(?<!{_LETTER})({_LETTER}*+)\((\s*+#[\w.:-]++\s*+\))?")
_UNSURE = re.compile(r"[\\@{}\0]|/\*")
# Characters that an escape can produce, and XML cannot hold.
_NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_FRAGMENT = re.compile(r"#[\w.:-]+")

# Functions that take an address: no selector and no condition needs one.
WITH_ADDRESSES = frozenset(
    {"url", "src", "image", "image-set", "-webkit-image-set", "cross-fade", "-webkit-cross-fade"}
)

Node = Any
Nodes = list[Node]


class _Refused(Exception):
    """This rule, declaration or value cannot be kept in part."""


class Css:
    """The CSS of one drawing. count: is given the pixels of each picture that it holds as data."""

    def __init__(self, count: Callable[[int], None]) -> None:
        self._count = count
        self._left = MOST_CSS

    def sheet(self, text: str) -> str:
        """A style sheet without the rules and declarations that are not allowed."""
        try:
            rules = self._parsed(tinycss2.parse_stylesheet, text)
            return _written(self._rules(rules, 0))
        except _Refused:
            return ""

    def declarations(self, text: str) -> str:
        """What a style attribute holds."""
        if _is_plain(text):
            return text
        try:
            found = self._parsed(tinycss2.parse_blocks_contents, text)
            return _written(self._rules([one for one in found if one.type == "declaration"], 0))
        except _Refused:
            return ""

    def value(self, text: str) -> str | None:
        """What an attribute holds that is read as CSS; None where nothing of it can be kept."""
        if _is_plain(text):
            return text
        try:
            kept = self._value(self._parsed(tinycss2.parse_component_value_list, text), 0)
            return _written(kept)
        except _Refused:
            return None

    def _parsed(self, parse: Callable[..., Nodes], text: str) -> Nodes:
        self._left -= len(_DATA.sub("", text))
        if self._left < 0:
            raise InvalidImage("The drawing has too much CSS.")
        try:
            return parse(text, skip_comments=True)
        except (ValueError, RecursionError) as error:  # numbers of thousands of digits
            raise _Refused from error

    def _rules(self, rules: Sequence[Node], depth: int, *, font: bool = False) -> Nodes:
        """The rules and declarations that may stay, cleaned in place."""
        if depth > DEEPEST:
            raise _Refused
        kept: Nodes = []
        for rule in rules:
            try:
                if rule.type == "whitespace" or self._rule(rule, depth, font=font):
                    kept.append(rule)
            except _Refused:
                continue
        return kept

    def _rule(self, rule: Node, depth: int, *, font: bool) -> bool:
        """Whether it may stay, cleaned of what in it may not."""
        if rule.type == "declaration":
            if rule.lower_name in RUNNING:
                return False
            if font and rule.lower_name == "src":
                rule.value = self._sources(rule.value)
            else:
                rule.value = self._value(rule.value, depth)
            return True
        if rule.type == "qualified-rule":
            _harmless(rule.prelude, depth)
            rule.content = self._rules(_block(rule.content), depth + 1)
            return True
        if rule.type != "at-rule":
            return False
        if rule.lower_at_keyword == "namespace":
            return _names_namespace(rule)
        if rule.lower_at_keyword not in AT_RULES:
            return False
        _harmless(rule.prelude, depth)
        if rule.content is not None:
            font = rule.lower_at_keyword == "font-face"
            rule.content = self._rules(_block(rule.content), depth + 1, font=font)
        return not font or any(_is_source(one) for one in rule.content or ())

    def _value(self, nodes: Sequence[Node], depth: int) -> Nodes:
        """A value whose addresses stay within the drawing; `none` where no other was left."""
        kept = self._inside(nodes, depth)
        if len(kept) < len(nodes) and all(node.type == "whitespace" for node in kept):
            return [ast.IdentToken(0, 0, "none")]
        return kept

    def _inside(self, nodes: Sequence[Node], depth: int, *, font: bool = False) -> Nodes:
        if depth > DEEPEST:
            raise _Refused
        kept: Nodes = []
        for before, node in zip([None, *nodes], nodes, strict=False):
            if node.type in ("error", "at-keyword"):
                raise _Refused
            # A word with brackets behind it: a function once a comment between them is overlooked.
            if node.type == "() block" and before is not None and before.type == "ident":
                raise _Refused
            target = _target(node)
            if target is not None:
                address = embedded.font(target) if font else self._address(target)
                if address is None:
                    continue
                node = ast.URLToken(0, 0, address, f"url({_quoted(address)})")
            elif node.type == "function":
                if node.lower_name not in (FONT_FUNCTIONS if font else FUNCTIONS):
                    raise _Refused
                node.arguments = self._inside(node.arguments, depth + 1)
            elif hasattr(node, "content"):
                node.content = self._inside(node.content, depth + 1)
            kept.append(node)
        return kept

    def _address(self, address: str) -> str | None:
        if address.strip().startswith("#"):
            return address.strip()
        found = embedded.picture(address)
        if found is None:
            return None
        self._count(found[1])
        return found[0]

    def _sources(self, nodes: Sequence[Node]) -> Nodes:
        """The sources of a font that are in the drawing, or on the viewer's machine."""
        parts: list[Nodes] = [[]]
        for node in nodes:
            if node.type == "literal" and node.value == ",":
                parts.append([])
            else:
                parts[-1].append(node)
        kept: Nodes = []
        for part in parts:
            try:
                inside = self._inside(part, 0, font=True)
            except _Refused:
                continue
            if len(inside) == len(part) and any(
                node.type in ("url", "function") for node in inside
            ):
                kept += [ast.LiteralToken(0, 0, ","), *inside] if kept else inside
        if not kept:
            raise _Refused
        return kept


def _target(node: Node) -> str | None:
    """Where a url() leads, quoted or not; None for anything else, and for one with more in it."""
    if node.type == "url":
        return str(node.value)
    if node.type == "function" and node.lower_name == "url":
        words = [one for one in node.arguments if one.type != "whitespace"]
        if len(words) == 1 and words[0].type == "string":
            return str(words[0].value)
    return None


def _block(content: Nodes | None) -> Nodes:
    found: Nodes = tinycss2.parse_blocks_contents(content or [], skip_comments=True)
    return found


def _harmless(nodes: Sequence[Node], depth: int) -> None:
    """Refuse a selector or condition that holds an address, or is none."""
    if depth > DEEPEST:
        raise _Refused
    for node in nodes:
        if node.type in ("error", "url", "at-keyword", "{} block"):
            raise _Refused
        if node.type == "function":
            if node.lower_name in WITH_ADDRESSES:
                raise _Refused
            _harmless(node.arguments, depth + 1)
        elif hasattr(node, "content"):
            _harmless(node.content, depth + 1)


def _names_namespace(rule: Node) -> bool:
    """Whether it gives a prefix to one of NAMESPACES; written as a string, since it is not an address."""
    words = [node for node in rule.prelude if node.type != "whitespace"]
    if rule.content is not None or not 1 <= len(words) <= 2:
        return False
    *prefix, name = words
    called = name.value if name.type == "string" else _target(name)
    if called not in NAMESPACES or any(node.type != "ident" for node in prefix):
        return False
    name = ast.StringToken(0, 0, called, f'"{called}"')
    space = ast.WhitespaceToken(0, 0, " ")
    rule.prelude = [one for node in (*prefix, name) for one in (space, node)]
    return True


def _is_source(node: Node) -> bool:
    return bool(node.type == "declaration" and node.lower_name == "src")


def _is_plain(text: str) -> bool:
    """A quick check that it loads nothing in any reader."""
    if _UNSURE.search(text):
        return False
    for name, inside in _OPENING.findall(text):
        if name.lower() == "url":
            if not inside:
                return False
        elif name and name.lower() not in FUNCTIONS:
            return False
    return True


def _quoted(address: str) -> str:
    # What embedded has written needs no quotes.
    if _FRAGMENT.fullmatch(address) or address.startswith("data:"):
        return address
    return f'"{tinycss2.serializer.serialize_string_value(address)}"'


def _written(nodes: Sequence[Node]) -> str:
    try:
        text: str = tinycss2.serialize(nodes)
    except RecursionError as error:
        raise _Refused from error
    return _NOT_XML.sub(lambda found: f"\\{ord(found[0]):X} ", text).strip()
