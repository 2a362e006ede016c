"""Phone numbers: one cheap pass finds runs of digits, and only these are judged by shape, country and context."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from heedful.privacy.redact.context import PHONE, before, beside_contact, denied
from heedful.privacy.redact.shapes import abroad, grouped, national, plain_number
from heedful.privacy.redact.spans import Span

_RUN = re.compile(
    r"(?=[+(0-9])(?<![0-9A-Za-z_$€£¥@\\])(?<!\w/)(?<![0-9][,.:])"
    r"(?:[+(]{1,2}\ ?){0,2}[0-9](?:[ \t.()/\-]{0,3}[0-9])++",
    re.ASCII,
)
_CUT = re.compile(r"[ \t/]+(?:-[ \t]*)?(?=[(+0-9])")
_EXTENSION = re.compile(
    r"[ \t]{0,2}[,;(]?[ \t]?(?:x|ext(?:ension|n)?\.?|poste|durchwahl|dw|int\.?|anexo|ramal|toestel|wew\.?|доб\.?|\#)"
    r"[ \t:.]{0,2}[0-9]{1,6}\)?(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_ENDS_BADLY = re.compile(r"[A-Za-z_%€£$]|[,:][0-9]|@")
_CLOSES = re.compile(r"[\"')\]]{0,2}[.!?;,|]?[\"')\]]{0,2}(?:\s{0,2}\Z|[ \t]*\n|[.!?;,|][ ])")
_SAID_AFTER = re.compile(
    r"[ \t]{0,2}[-(,:\[]{0,2}[ \t]?(?:office|mobile|mob|cell|cellphone|fax|home|work|tel|telephone|phone|"
    r"direct|landline|"
    r"whatsapp|[mohwcft])\b(?!')",
    re.IGNORECASE,
)
_LONGEST_LIST = 40
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class _Setting:
    """What stands around a run of digits."""

    said: bool
    denied: bool
    alone: bool


def phones(text: str) -> Iterator[Span]:
    """Phone numbers in folded text, in order, each with its extension."""
    done = 0
    listed = refused = False
    for run in _RUN.finditer(text):
        if run.start() < done or not _promising(run):
            listed = refused = False
            continue
        joined = (listed or refused) and _joins(text[done : run.start()])
        setting = _look_around(text, run, done, follows=joined and listed, denied_before=joined and refused)
        spans = list(_in_run(text, run, setting))
        yield from spans
        listed, refused = bool(spans), setting.denied and not spans
        done = spans[-1].end if spans else run.end()


def _promising(run: re.Match[str]) -> bool:
    """At least six digits, and not one endless number."""
    written = run[0]
    if len(written) > _LONGEST:
        return _CUT.search(written) is not None
    return sum(map(written.count, "0123456789")) >= 6


def _joins(between: str) -> bool:
    return len(between) <= 8 and re.fullmatch(r"\s*(?:,|/|;|\||&|and|or|und|oder|et|ou|y|o|e)?\s*", between) is not None


def _look_around(text: str, run: re.Match[str], done: int, *, follows: bool, denied_before: bool) -> _Setting:
    """`follows`: it goes on a list of phone numbers; `denied_before`: it goes on a list of something else."""
    start, end = run.span()
    lead = before(text, start, 56)
    if follows or done > start - len(lead):
        lead = lead[max(0, done - start + len(lead)) :]
    said = follows or PHONE.said(lead) or beside_contact(text, start) or _SAID_AFTER.match(text, end) is not None
    return _Setting(said=said, denied=denied_before or denied(text, start), alone=_alone(text, start, end))


def _in_run(text: str, run: re.Match[str], setting: _Setting) -> Iterator[Span]:
    start, end = run.span()
    cuts = [start, *(start + cut.end() for cut in _CUT.finditer(run[0])), end]
    if len(cuts) > _LONGEST_LIST:
        yield from _in_list(text, start, end)
    else:
        yield from _in_pieces(text, cuts, setting)


def _alone(text: str, start: int, end: int) -> bool:
    """Nothing else stands in the line, as in a signature or in a cell of a table."""
    head = text[max(0, start - 6) : start].rpartition("\n")
    tail = text[end : end + 6].partition("\n")
    full_head = head[1] == "" and start > 6
    full_tail = tail[1] == "" and end + 6 < len(text)
    if start == 0 and end == len(text) and text[start:end].isdigit():
        return False
    return not (full_head or full_tail or head[2].strip(" \t\"'(),;|*-") or tail[0].strip(" \t\"'(),;|.*-"))


def _in_list(text: str, start: int, end: int) -> Iterator[Span]:
    """A long list of numbers: only the unmistakable shapes in it."""
    for match in grouped.finditer(text, start, end):
        yield Span("phone", match.start(), match.end(), 0.7)


def _in_pieces(text: str, cuts: list[int], setting: _Setting) -> Iterator[Span]:
    """The best window of neighbouring pieces, then the best to its left and right."""
    count = len(cuts) - 1
    score, _, first, last = _best_window(text, cuts, setting)
    if not score:
        return
    if first:
        yield from _in_pieces(text, cuts[: first + 1], setting)
    end = cuts[last]
    end -= len(text[cuts[first] : end]) - len(text[cuts[first] : end].rstrip(" \t-/.("))
    extension = _EXTENSION.match(text, end) if last == count else None
    start = cuts[first]
    yield Span("phone", start, extension.end() if extension else _closing(text, start, end), score)
    if last < count:
        yield from _in_pieces(text, cuts[last:], setting)


def _best_window(text: str, cuts: list[int], setting: _Setting) -> tuple[float, int, int, int]:
    """Score, length and the numbers of the first and last cut of the surest window, the longest of equals."""
    best = (0.0, 0, 0, 0)
    for first, start in enumerate(cuts[:-1]):
        for last in range(first + 1, min(len(cuts), first + 8)):
            length = cuts[last] - start
            if length > _LONGEST:
                break
            score = _judge(text, start, cuts[last], setting, first=first == 0, whole=last - first == len(cuts) - 1)
            if score and (score, length) > best[:2]:
                best = (score, length, first, last)
    return best


def _closing(text: str, start: int, end: int) -> int:
    """Takes the bracket that closes one opened in the number along: '(030 1234567)' is left as it is."""
    inside = text[start:end]
    return end + 1 if inside.count("(") > inside.count(")") and text[end : end + 1] == ")" else end


def _closes(text: str, end: int) -> bool:
    """The phrase ends here: no unit or thing counted follows."""
    return _CLOSES.match(text, end) is not None


def _judge(text: str, start: int, end: int, setting: _Setting, *, first: bool, whole: bool) -> float:
    """How surely `text[start:end]` is a phone number; 0 where it is none."""
    written = text[start:end].rstrip(" \t-/.(")
    end = start + len(written)
    digits = "".join(filter(str.isdigit, written))
    if not 6 <= len(digits) <= 18:
        return 0.0
    if _ENDS_BADLY.match(text, end) and not _EXTENSION.match(text, end):
        return 0.0
    score = abroad(written, digits, said=setting.said, denied=setting.denied)
    if score:
        return score
    if setting.denied:
        return 0.0
    score = national(written, digits, alone=setting.alone, closing=_closes(text, end), whole=whole)
    if score:
        return min(0.97, score + 0.1) if setting.said else score
    if setting.said and first and plain_number(written, digits):
        return 0.6
    return 0.0
