"""Survey rows as answers: a record per question answered, numbers, choices and free text each in their place."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from heedful.intake.files.fields import Fault, attributes, interleave, part_of, read_field
from heedful.intake.files.identity import Seen, row_ids, short_hash
from heedful.intake.files.plan import Bad, Block, Plan, Survey
from heedful.intake.files.shape import assemble, extras, set_aside
from heedful.intake.files.surveys import UNTICKED
from heedful.intake.files.values import Mask, as_answer, as_key, as_number, as_text, by_distinct, join_present
from heedful.records import INCOMING, WORDS

SCHEMA = INCOMING["answer"]
NO_TEXT = pa.scalar(None, pa.string())


def shape(block: Block, plan: Plan, seen: Seen) -> tuple[pa.RecordBatch, list[Bad]]:
    """The answers of a block and the rows that became none."""
    rows, survey = block.rows, plan.survey or Survey("wide")
    values: dict[str, pa.Array] = {}
    faults: list[Fault] = []
    for field in SCHEMA:
        if field.name in plan.fields:
            values[field.name], found = read_field(field, plan.fields[field.name], rows, plan.zone)
            faults += found
    if "survey" not in values:
        values["survey"] = pa.repeat(pa.scalar(plan.source, pa.string()), rows.num_rows)
    values["attributes"] = attributes(extras(rows, plan), rows.num_rows)
    if survey.form == "long":
        return _long(block, plan, survey, values, faults, seen)
    return _wide(block, survey, values, faults, seen)


def _wide(
    block: Block, survey: Survey, values: dict[str, pa.Array], faults: list[Fault], seen: Seen
) -> tuple[pa.RecordBatch, list[Bad]]:
    rows = block.rows
    values["response"] = _response(rows, values.get("response"), seen)
    bad, kept = set_aside(block, faults), _kept(faults, rows.num_rows)
    names = list(survey.questions)
    hidden = pa.array(~kept)
    cells = [pc.if_else(hidden, NO_TEXT, _cells(rows, question, survey)) for question in names]
    at, place, texts = interleave(cells)
    made = {
        name: column.take(pa.array(at)) for name, column in values.items() if name not in ("question", "value", "text")
    }
    picked = pa.array(place)
    made["question"] = pa.array(names, pa.string()).take(picked)
    codes = pa.array([short_hash([name]) for name in names], pa.string()).take(picked)
    made["id"] = pc.binary_join_element_wise(made["response"], codes, ".")
    made |= _said(texts, pa.array([survey.questions[name] for name in names], pa.string()).take(picked))
    return assemble(made, SCHEMA, len(at)), bad


def _cells(rows: pa.RecordBatch, question: str, survey: Survey) -> pa.Array:
    """The answers to one question as text, several choices joined by \\x1f, null where there is none."""
    columns = survey.sources[question]
    if survey.questions[question] != "choices" or (len(columns) == 1 and columns[0] not in survey.options):
        return _parted(as_answer(part_of(rows, columns[0])), survey.parted.get(question))
    ticks = []
    for name in columns:
        label = as_answer(part_of(rows, name))
        low = pc.utf8_lower(label)
        off = pc.and_(pc.is_in(low, pa.array(sorted(UNTICKED))), pc.not_equal(low, survey.options[name].lower()))
        chosen = pc.and_(pc.is_valid(label), pc.invert(pc.fill_null(off, False)))
        ticks.append(pc.if_else(chosen, pa.scalar(survey.options[name], pa.string()), NO_TEXT))
    several = join_present(ticks, "\x1f")
    return pc.if_else(pc.equal(several, ""), NO_TEXT, several)


def _parted(text: pa.Array, sign: str | None) -> pa.Array:
    return pc.replace_substring(text, sign, "\x1f") if sign else text


def _said(texts: pa.Array, kinds: pa.Array) -> dict[str, pa.Array]:
    """Value, choices and text of answers: a number that is none is a choice."""
    number = pc.if_else(pc.equal(kinds, "number"), as_number(texts), pa.scalar(None, pa.float64()))
    prose = pc.equal(kinds, "text")
    chosen = pc.invert(pc.or_(pc.is_valid(number), prose))
    split = by_distinct(pc.if_else(chosen, texts, NO_TEXT), _choices, WORDS)
    return {"value": number, "choices": split, "text": pc.if_else(prose, texts, NO_TEXT)}


def _choices(text: str) -> list[str]:
    return [choice.strip() for choice in text.split("\x1f") if choice.strip()]


def _response(rows: pa.RecordBatch, given: pa.Array | None, seen: Seen) -> pa.Array:
    """The id of each filled-in form; the hash of its row where the file has none."""
    if given is None:
        return row_ids(rows, seen)
    if not given.null_count:
        return given
    return pc.replace_with_mask(given, given.is_null(), row_ids(rows.filter(given.is_null()), seen))


def _kept(faults: list[Fault], count: int) -> Mask:
    kept = np.ones(count, bool)
    for fault in faults:
        kept &= ~fault.rows
    return kept


def _long(
    block: Block, plan: Plan, survey: Survey, values: dict[str, pa.Array], faults: list[Fault], seen: Seen
) -> tuple[pa.RecordBatch, list[Bad]]:
    rows = block.rows
    for name in ("response", "question"):
        given = values.get(name, pa.nulls(rows.num_rows, pa.string()))
        empty = np.asarray(given.is_null().to_numpy(zero_copy_only=False), dtype=bool)
        if empty.any():
            faults.append(Fault(empty, f"no {name}", given))
    bad, kept = set_aside(block, faults), _kept(faults, rows.num_rows)
    if (answer := plan.fields.get("answer")) and answer.columns:
        given = part_of(rows, answer.columns[0])
        values |= _by_question(given, values["question"], survey)
        kept &= np.asarray(as_answer(given).is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    values["id"] = _long_ids(values, rows.num_rows, seen)
    return assemble(values, SCHEMA, rows.num_rows).filter(pa.array(kept)), bad


def _by_question(given: pa.Array, questions: pa.Array, survey: Survey) -> dict[str, pa.Array]:
    """Answers by the kind of their question; of one that the sample did not hold, by whether they are numbers."""
    kinds = by_distinct(questions, lambda question: survey.questions.get(question, "number"), pa.string())
    text = as_answer(given)
    for question, sign in survey.parted.items():
        text = pc.if_else(pc.fill_null(pc.equal(questions, question), False), _parted(text, sign), text)
    return _said(pc.if_else(pc.equal(kinds, "text"), as_text(given), text), pc.fill_null(kinds, "number"))


def _long_ids(values: Mapping[str, pa.Array], count: int, seen: Seen) -> pa.Array:
    """Response and question, with a number where a form answers a question more than once (several choices)."""
    if "id" in values and not values["id"].null_count:
        return values["id"]
    empty = pa.nulls(count, pa.string())
    pairs = zip(values.get("response", empty).to_pylist(), values.get("question", empty).to_pylist(), strict=True)
    hashes = [short_hash((response or "", question or "")) for response, question in pairs]
    keys = np.array([int(text, 16) for text in hashes], np.uint64)
    codes = by_distinct(values.get("question", empty), lambda question: short_hash([question]), pa.string())
    ids = pc.binary_join_element_wise(as_key(values.get("response", empty)), codes, ".").to_pylist()
    before = seen.before(keys)
    return pa.array([f"{name}-{n + 1}" if n else name for name, n in zip(ids, before, strict=True)], pa.string())
