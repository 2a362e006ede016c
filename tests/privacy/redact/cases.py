"""Reads the marked sentences beside it: the text without marks, and where each detail stands."""

import re
from pathlib import Path

HERE = Path(__file__).parent
_MARK = re.compile(r"<(email|phone|card|iban|ip|ssn|url|address|name|handle):((?:[^<>])*)>")


def unmark(line: str) -> tuple[str, list[tuple[str, int, int]]]:
    text, at, spans = "", 0, []
    for match in _MARK.finditer(line):
        text += line[at : match.start()]
        spans.append((match[1], len(text), len(text) + len(match[2])))
        text += match[2]
        at = match.end()
    return text + line[at:], spans


def countries() -> dict[str, list[str]]:
    """Marked texts by country; a line that ends with ',' or a greeting without a mark goes on in the next."""
    found: dict[str, list[str]] = {}
    lines = (HERE / "countries.txt").read_text(encoding="utf-8").splitlines()
    name, held = "", ""
    for line in lines:
        if line.startswith("[") and line.endswith("]"):
            name = line[1:-1]
            found[name] = []
        elif line and not line.startswith("#"):
            if re.search(r"(?:regards|Cordialement),$|Grüßen$", line):
                held = line + "\n"
                continue
            found[name].append(held + line)
            held = ""
    return found


def stays() -> list[str]:
    return (HERE / "stays.txt").read_text(encoding="utf-8").splitlines()
