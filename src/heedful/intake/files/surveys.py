"""How a file holds a survey: a row per answer, or a column per question; which columns are one question."""

import re
from collections.abc import Mapping, Sequence

import pyarrow as pa

from heedful.intake.files.fit import candidates
from heedful.intake.files.guess import Guess
from heedful.intake.files.looks import Look
from heedful.intake.files.names import field_names
from heedful.intake.files.plan import Survey
from heedful.intake.files.values import as_answer, as_label

BLANK = re.compile(r"(unnamed[ :_]*\d+(_level_\d+)?|column_\d+|\.{3}\d+|x\d+|_\d+)", re.IGNORECASE)
META = re.compile(
    r"(start_date|end_date|status|progress|duration(_in_seconds)?|finished|recorded_date|distribution_channel|"
    r"user_language|external_(data_)?reference|collector_id|custom_data(_\d+)?|response_type|date_created|date_modified|"
    r"recipient_\w+|survey_id|response_count|network_id|tags)"
)
NO_LABEL = frozenset({"", "response", "open-ended response", "open ended response"})
TICKED = frozenset({"1", "yes", "true", "x", "checked", "selected", "ticked", "y"})
UNTICKED = frozenset({"0", "no", "false", "unchecked", "not selected", "n", "2"})
OPEN = re.compile(r"please specify|open.ended|comment|in your own words|why\b|please explain", re.IGNORECASE)
ALL_THAT_APPLY = re.compile(r"all that apply|all which apply|mehrfach|select all|check all|choose all", re.IGNORECASE)
PARTS = (";", "|", ",")


def label_rows(rows: pa.RecordBatch, response: str | None) -> int:
    """How many rows after the header hold labels: `Response`, question texts, or Qualtrics' ImportId."""
    texts = [as_label(column).slice(0, 4).to_pylist() for column in rows.columns]
    for at in range(min(3, rows.num_rows)):
        if any((column[at] or "").startswith('{"ImportId"') for column in texts):
            return at + 1
    first = [(column[0] or "").lower() if column else "" for column in texts]
    marks = sum(cell in NO_LABEL and cell != "" for cell in first)
    without = response is not None and not rows.column(response)[:1].drop_null()
    others = [column[1] for column in texts if len(column) > 1]
    return 1 if marks and (without or response is None or marks > 1) and any(others) else 0


def labels_of(rows: pa.RecordBatch, count: int) -> dict[str, str]:
    """What the first label row says of each column."""
    if not count:
        return {}
    return {
        name: as_label(column)[0].as_py() or "" for name, column in zip(rows.schema.names, rows.columns, strict=True)
    }


def plan_long(found: Guess) -> Survey:
    """A row per answer: the kind of each question, from its answers in the sample."""
    asked, said = found.fields["question"], found.fields.get("answer")
    if said is None or not asked.columns or not said.columns:
        return Survey("long")
    questions = found.looks[asked.columns[0]].keys().to_pylist()
    answers = as_answer(found.looks[said.columns[0]].column).to_pylist()
    by_question: dict[str, list[str]] = {}
    for question, answer in zip(questions, answers, strict=True):
        if question is not None and answer is not None:
            by_question.setdefault(question, []).append(answer)
    looks = {q: Look(q, pa.array(given, pa.string()), answers=True) for q, given in by_question.items()}
    kinds = {q: kind_of(look) for q, look in looks.items()}
    return Survey("long", kinds, parted={q: part for q, look in looks.items() if (part := parted(look))})


def plan_wide(found: Guess, labels: Mapping[str, str]) -> tuple[Survey, tuple[str, ...]]:
    """A column per question, and the columns about the interview that are kept as attributes."""
    columns = [look for look in found.free if not META.fullmatch(look.plain)]
    meta = tuple(look.name for look in found.free if META.fullmatch(look.plain))
    questions: dict[str, str] = {}
    sources: dict[str, tuple[str, ...]] = {}
    options: dict[str, str] = {}
    apart: dict[str, str] = {}
    for stem, members in _stems(columns, labels).items():
        ticks = {look.name: option for look, option in members if option and _is_tick(look, option, stem, len(members))}
        if ticks:
            options |= ticks
            questions[stem], sources[stem] = "choices", tuple(ticks)
        for look, option in members:
            if look.name in ticks:
                continue
            name = _free_name(stem if not option else f"{stem} - {option}", look, questions)
            questions[name], sources[name] = kind_of(look), (look.name,)
            if part := parted(look):
                apart[name] = part
    return Survey("wide", questions, sources, options, apart), meta


def _stems(columns: Sequence[Look], labels: Mapping[str, str]) -> dict[str, list[tuple[Look, str]]]:
    """Columns that belong together by the beginning of their name or by an empty header, each with its option."""
    groups: dict[str, list[tuple[Look, str]]] = {}
    main = ""
    for look in columns:
        label = labels.get(look.name, "")
        label = "" if label.lower() in NO_LABEL else label
        blank = bool(BLANK.fullmatch(look.name)) and main != "" and label != ""
        if not blank:
            coded = len(look.name) <= 12 and " " not in look.name and len(label.split()) >= 3
            main, label = (label, "") if coded else (look.name, label)
        stem, option = (main, label) if label else _parts(main)
        groups.setdefault(stem, []).append((look, option))
    return groups


def _parts(name: str) -> tuple[str, str]:
    stem, dash, option = name.rpartition(" - ")
    return (stem.strip(), option.strip()) if dash and stem.strip() and option.strip() else (name, "")


def _is_tick(look: Look, option: str, stem: str, members: int) -> bool:
    """Whether a column only says that its option was chosen."""
    if look.distinct == 0:
        return members > 1 and bool(ALL_THAT_APPLY.search(stem))
    if look.distinct == 1:
        only = look.labels[0].as_py().lower()
        return (
            only == option.lower() or only == re.sub(r"\.\d+$", "", option.lower()) or (members > 1 and only in TICKED)
        )
    words = {text.lower() for text in look.labels.unique().to_pylist()} if look.distinct <= 2 else set()
    return members > 1 and bool(ALL_THAT_APPLY.search(stem)) and bool(words) and words <= TICKED | UNTICKED


def _free_name(name: str, look: Look, taken: Mapping[str, str]) -> str:
    return name if name not in taken else f"{name} ({look.name})"


def kind_of(look: Look) -> str:
    """What a question's answers are: number, choice, choices or text."""
    if not look.filled:
        return "choice"
    if look.numeric >= 0.95:
        return "number"
    if parted(look):
        return "choices"
    various = look.distinct > max(12, 0.3 * look.filled)
    return "text" if various and (look.words >= 2 or OPEN.search(look.name)) else "choice"


def parted(look: Look) -> str | None:
    """The sign that parts several choices in one cell: few words, mixed in many ways."""
    if look.numeric >= 0.95 or look.distinct < 3:
        return None
    for sign in PARTS:
        whole = look.labels.unique().to_pylist()
        if sum(sign in text for text in whole) < 0.3 * len(whole):
            continue
        words = {word.strip() for text in whole for word in text.split(sign)}
        if len(words) <= 25 and len(words) < len(whole) and all(len(word) <= 60 for word in words):
            return sign
    return None


def is_long(found: Guess) -> bool:
    """Whether a file has a row per answer."""
    if "question" in found.fields:
        return True
    if not found.wants("question"):
        return False
    asked = [look for look in found.free if look.plain in field_names("answer", "question") and look.numeric < 0.9]
    said = [look for score, look in candidates("answer", "answer", found.free) if score < 1000]
    return bool(asked) and bool(said)
