"""SAMPLES: a call as code that runs as it is printed, in each language that the pages show."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from hosting.reference.calls import KEY, MULTIPART, URLENCODED, Call

STEP = "    "
# JSON that is longer is broken into lines.
WIDTH = 60
# Names of a language's own for the files that a call sends.
HANDLES = ("picture", "second", "third", "fourth", "fifth")


@dataclass(frozen=True)
class Language:
    """One language: what its tab says, and how it writes a call."""

    label: str
    write: Callable[[Call], str]


@dataclass(frozen=True)
class Sample:
    """A call in one language, for a page."""

    label: str
    code: SafeString


def _curl(call: Call) -> str:
    options = ["--include"] if call.answers == "headers" else []
    if call.method == "HEAD":
        # With -X curl would wait for a body.
        options = ["--head"]
    elif call.method != ("POST" if call.encoding else "GET"):
        options.append(f"-X {call.method}")
    lines = [" ".join(["curl --fail-with-body", *options, _shell(call.address)])]
    lines += [f"-H {_shell(f'{name}: {value}')}" for name, value in call.headers]
    if call.encoding == MULTIPART:
        lines += [f"-F {_shell(f'{name}=@{file}')}" for name, file in call.files]
        lines += [f"{_curl_option(value)} {_shell(f'{name}={value}')}" for name, value in call.form]
    elif call.encoding == URLENCODED:
        lines += [f"--data-urlencode {_shell(f'{name}={value}')}" for name, value in call.form]
    elif call.raw:
        lines += [f"-H {_shell(f'Content-Type: {call.encoding}')}", f"--data-binary @{call.raw}"]
    elif call.encoding:
        lines += [
            f"-H {_shell(f'Content-Type: {call.encoding}')}",
            f"-d {_shell(_as_json(call.json))}",
        ]
    if call.answers == "file":
        lines.append(f"--output {call.saved_as}")
    return " \\\n  ".join(lines)


def _python(call: Call) -> str:
    handles = _handles(call)
    given = [_quoted(call.url)]
    if call.query:
        given.append(f"params={_pairs(call.query)}")
    headers = (*call.headers, ("Content-Type", call.encoding)) if call.raw else call.headers
    if headers:
        given.append(f"headers={_pairs(headers)}")
    if call.encoding == MULTIPART:
        parts = [f"{_quoted(name)}: {handles[at]}" for at, (name, _) in enumerate(call.files)]
        if len({name for name, _ in call.files}) < len(call.files):
            named = [f"({_quoted(n)}, {handles[at]})" for at, (n, _) in enumerate(call.files)]
            given.append(f"files=[{', '.join(named)}]")
        elif parts:
            given.append(f"files={{{', '.join(parts)}}}")
        else:
            # Parts without a file's name: the library's way to send multipart with texts alone.
            texts = [f"{_quoted(name)}: (None, {_quoted(value)})" for name, value in call.form]
            given.append(f"files={{{', '.join(texts)}}}")
    if call.form and (call.files or call.encoding == URLENCODED):
        given.append(f"data={_pairs(call.form)}")
    if call.raw:
        given.append(f"data={handles[0]}")
    elif call.encoding not in ("", MULTIPART, URLENCODED):
        given.append(f"json={_as_python(call.json)}")
    inner = STEP if handles else ""
    arguments = "".join(f"{inner}{STEP}{_indented(one, inner + STEP)},\n" for one in given)
    asked = f"{inner}answer = requests.{call.method.lower()}(\n{arguments}{inner})\n"
    files = [call.raw] if call.raw else [file for _, file in call.files]
    opened = [
        f"open({_quoted(file)}, 'rb') as {handle}".replace("'", '"')
        for file, handle in zip(files, handles, strict=True)
    ]
    opening = f"with {', '.join(opened)}:\n" if opened else ""
    ending = {
        "json": "print(answer.json())",
        "text": "print(answer.text)",
        "headers": "print(answer.headers)",
        "nothing": "print(answer.status_code)",
        "file": f'with open("{call.saved_as}", "wb") as file:\n{STEP}file.write(answer.content)',
    }[call.answers]
    return f"import requests\n\n{opening}{asked}answer.raise_for_status()\n{ending}"


def _javascript(call: Call) -> str:
    reads = [call.raw] if call.raw else [file for _, file in call.files]
    names = [*(["readFile"] if reads else []), *(["writeFile"] if call.answers == "file" else [])]
    lines = [f'import {{ {", ".join(names)} }} from "node:fs/promises";\n'] if names else []
    headers = [*call.headers]
    body = ""
    if call.encoding == MULTIPART:
        lines.append("const form = new FormData();")
        lines += [
            f"form.append({_quoted(name)}, new Blob([await readFile({_quoted(file)})]), {_quoted(file)});"
            for name, file in call.files
        ]
        lines += [f"form.append({_quoted(n)}, {_quoted(v)});" for n, v in call.form]
        lines.append("")
        body = "form"
    elif call.encoding == URLENCODED:
        body = f"new URLSearchParams({_pairs(call.form)})"
    elif call.raw:
        headers.append(("Content-Type", call.encoding))
        body = f"await readFile({_quoted(call.raw)})"
    elif call.encoding:
        headers.append(("Content-Type", call.encoding))
        body = f"JSON.stringify({_as_json(call.json)})"
    options = [f"method: {_quoted(call.method)}"] if call.method != "GET" else []
    if headers:
        options.append(f"headers: {_pairs(tuple(headers))}")
    if body:
        options.append(f"body: {body}")
    given = "".join(f"  {_indented(one, '  ')},\n" for one in options)
    asked = f"{_quoted(call.address)}, {{\n{given}}}" if options else _quoted(call.address)
    lines.append(f"const answer = await fetch({asked});")
    lines.append("if (!answer.ok) throw new Error(await answer.text());")
    lines.append(
        {
            "json": "console.log(await answer.json());",
            "text": "console.log(await answer.text());",
            "headers": "console.log(answer.headers);",
            "nothing": "console.log(answer.status);",
            "file": f'await writeFile("{call.saved_as}", Buffer.from(await answer.arrayBuffer()));',
        }[call.answers]
    )
    return "\n".join(lines)


SAMPLES: Mapping[str, Language] = {
    "curl": Language("curl", _curl),
    "python": Language("Python", _python),
    "javascript": Language("JavaScript", _javascript),
}


def code(call: Call) -> dict[str, Sample]:
    """The call in each language, as HTML in which the places of the key are marked."""
    return {name: Sample(one.label, _marked(one.write(call))) for name, one in SAMPLES.items()}


def _marked(text: str) -> SafeString:
    marked = escape(text).replace(KEY, f"<span data-key>{KEY}</span>")
    return mark_safe(marked)  # noqa: S308, it is escaped


def _handles(call: Call) -> list[str]:
    if call.raw:
        return [HANDLES[0]]
    if call.encoding != MULTIPART:
        return []
    return [HANDLES[at] if at < len(HANDLES) else f"file{at}" for at in range(len(call.files))]


def _curl_option(value: str) -> str:
    """curl reads @ and < at the front of a value, and a semicolon in it, as its own."""
    return "--form-string" if value[:1] in ("@", "<") or ";" in value else "-F"


def _shell(word: str) -> str:
    """`word` as one word of a shell; in double quotes where they do, which every system's shell knows."""
    if shlex.quote(word) == word or any(sign in word for sign in '"$`\\!\n'):
        return shlex.quote(word)
    return f'"{word}"'


def _quoted(word: str) -> str:
    """A text as Python and JavaScript both write it."""
    return _json(word)


def _pairs(pairs: tuple[tuple[str, str], ...]) -> str:
    """Names and texts as both languages write them: as pairs where a name occurs twice."""
    if len(dict(pairs)) < len(pairs):
        return _json(pairs)
    return f"{{{', '.join(f'{_quoted(name)}: {_quoted(value)}' for name, value in pairs)}}}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _literal(value: Any, write: Callable[[Any], str], step: str, end: str) -> str:
    """A value on one line where it fits there. write: how texts and numbers look; end: behind the last item."""
    if isinstance(value, dict):
        items = [f"{_quoted(str(k))}: {_literal(v, write, step, end)}" for k, v in value.items()]
        first, last = "{", "}"
    elif isinstance(value, list):
        items = [_literal(one, write, step, end) for one in value]
        first, last = "[", "]"
    else:
        return write(value)
    line = f"{first}{', '.join(items)}{last}"
    if len(line) < WIDTH and "\n" not in line:
        return line
    inner = f",\n{step}".join(_indented(item, step) for item in items)
    return f"{first}\n{step}{inner}{end}\n{last}"


def _as_json(value: Any) -> str:
    return _literal(value, _json, "  ", "")


def _as_python(value: Any) -> str:
    return _literal(
        value, lambda one: _quoted(one) if isinstance(one, str) else repr(one), STEP, ","
    )


def _indented(text: str, by: str) -> str:
    return text.replace("\n", f"\n{by}")
