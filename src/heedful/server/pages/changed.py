"""What changed, and why it looks so: any metric between two periods, taken apart into what moved."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from starlette.requests import Request

from heedful.insight import metrics, periods
from heedful.insight.answer import Answer, Question
from heedful.insight.dimensions import applicable, dimension
from heedful.insight.metrics import Metric, metric
from heedful.server import addresses, changes, words
from heedful.server.addresses import address
from heedful.server.asker import Asker
from heedful.server.blocks import Block, Cell, Choice, Column, Empty, Field, Form, Link, Notice, Page, Table
from heedful.server.change_chart import chart
from heedful.server.changes import Change, Row, part
from heedful.server.filters import Asked, asked, pairs
from heedful.server.pages import figures
from heedful.server.pages.overview import notices, unread
from heedful.server.periods import period

PATH = "/changed"
MENU = (3, "What changed")

TITLE = "What changed, and why it looks so"
USUAL = "net_sentiment"
EVERY = "all"
LEAST = 0.1
"""A dimension that explains a smaller share of a change is not put forward as its explanation."""
ABOUT = "All bars together are the whole change: a group itself moved, or there is more or less of it."
OF_SUMS = "All bars together are the whole change."
GREY = " Grey is within noise."


def page(asker: Asker, request: Request) -> Page:
    """A metric's change in a sentence, its parts as a chart, and which dimension explains it best."""
    known = metric(request.query_params.get("metric") or USUAL)
    by = request.query_params.get("by") or EVERY
    if by != EVERY:
        dimension(by, known.of, reading=known.reading)
    question = asked(asker, request.query_params, table=known.of)
    if not (question.period or question.since or question.until):
        chosen = period(request.query_params, zone=asker.zone, now=asker.now)
        question = asked(asker, {**request.query_params, "period": chosen.name}, table=known.of)
    above: tuple[Block, ...] = (*notices(asker), _form(asker, question, known, by))
    if refused := _refused(known, question, by):
        return Page(TITLE, (*above, refused))
    answer = asker.ask(known.name, where=question.where, since=question.since, until=question.until, compare=True)
    answer = replace(answer, names=asker.names())
    if nothing := _nothing(answer):
        return Page(TITLE, (*above, nothing), _when(asker, answer))
    said, blocks = _taken_apart(asker, answer, by)
    return Page(TITLE, (*above, *_unsure(answer), *blocks), said)


def _form(asker: Asker, question: Asked, known: Metric, by: str) -> Form:
    there = applicable(known.of, reading=known.reading)
    apart = [metric(name) for name in metrics.names() if metric(name).parts or name == known.name]
    names = [Choice(one.name, words.metric(one.name, one.title), one is known) for one in apart]
    grouped = [Choice(one.name, one.title, one.name == by) for one in there if not one.step]
    fields = [
        Field("metric", "Metric", "select", choices=tuple(names)),
        Field("by", "By", "select", choices=(Choice(EVERY, "All dimensions", by == EVERY), *grouped)),
        Field("period", "Period", "select", choices=figures.periods(question)),
        Field("since", "Or from", "date", figures.date_of(None if question.period else question.since)),
        Field("until", "Until before", "date", figures.date_of(question.until)),
        *figures.filters(asker, question, there),
    ]
    return Form("", PATH, tuple(fields), "Show", method="get", hidden=figures.other_filters(question))


def _refused(known: Metric, question: Asked, by: str) -> Empty | None:
    """Why a change cannot be asked for like this, in words."""
    if not known.parts:
        said = f"{known.title} of everybody is not made of {known.title.lower()} of groups, so that no part of it is"
        return Empty("This metric cannot be taken apart", f"{said} of one group. {_instead()}")
    if by != EVERY and dimension(by, known.of, reading=known.reading).step:
        said = f"Every {by} lies in one of both periods only, so that none can be compared."
        return Empty("Time cannot be taken apart", said, (Link("All dimensions", _address(question, EVERY)),))
    if not question.since:
        said = "All time has no period before it. Choose a number of days, or a day from which on."
        shorter = Link("The last 30 days", address(PATH, [*pairs(question, without="period"), ("by", by)]))
        return Empty("There is no earlier period", said, (shorter,))
    return None


def _instead() -> str:
    named = [words.metric(name, metric(name).title) for name in metrics.names() if metric(name).parts]
    return f"These can be: {', '.join(sorted(named))}."


def _address(question: Asked, by: str) -> str:
    return address(PATH, [*pairs(question), ("by", by)])


def _nothing(answer: Answer) -> Empty | None:
    """Why there is no change to be shown, where there is none."""
    now = answer.figures[0]
    then = now.before
    if now.hidden or (then and then.hidden):
        which = "this period" if now.hidden else "the period before"
        return Empty("Too few people", f"In {which} it would be about too few people to be shown. Choose a longer one.")
    if not now.rows or not then or not then.rows:
        which = "this period" if not now.rows else "the period before"
        said = f"There is nothing to measure in {which}, and so nothing to compare. Choose another one."
        return Empty("There is nothing to compare", said, (Link("Bring in a file", "/import"),))
    return None


def _taken_apart(asker: Asker, answer: Answer, by: str) -> tuple[str, tuple[Block, ...]]:
    """The sentence, and the chart; over all dimensions that of the best one, and what each of them explains."""
    if by != EVERY:
        change = _change(asker, answer, by)
        if len({row[by] for row in change.parts}) < 2:
            return f"{changes.head(change)}. {_when(asker, answer)}", (_one_group(by),)
        return changes.sentence(change), (_chart(asker, change),)
    found = asker.study("where_changed", _question(answer, ())).to_pylist()
    if not found:
        return _when(asker, answer), (_one_group(""),)
    best = found[0]["dimension"]
    change = _change(asker, answer, best)
    if (found[0]["share"] or 0.0) < LEAST:
        none = "there is nothing to explain, though parts may have moved against each other: choose a dimension"
        even = none if change.total["clear"] is False else "it lies in no dimension more than in another"
        return f"{changes.head(change)}; {even}. {_when(asker, answer)}", (_dimensions(answer, found),)
    return changes.sentence(change), (_chart(asker, change), _dimensions(answer, found))


def _one_group(by: str) -> Empty:
    where = f"By {words.dimension(by).lower()} there" if by else "There"
    said = f"{where} are no two groups that may be shown. Take a filter away, or choose another dimension or period."
    return Empty("Nothing to take apart", said)


def _question(answer: Answer, by: tuple[str, ...]) -> Question:
    return Question(answer.metric, by, answer.where, answer.since, answer.until, answer.zone)


def _change(asker: Asker, answer: Answer, by: str) -> Change:
    rows = asker.study("changed", _question(answer, (by,))).to_pylist()
    current = periods.period(answer.since, answer.until, answer.zone, asker.now)
    return Change(answer, by, periods.before(current, asker.now).text(), rows)


def _chart(asker: Asker, change: Change) -> Block:
    label = words.metric(change.answer.metric, change.answer.title)
    title = f"The change of {label.lower()} by {words.dimension(change.by).lower()}"
    about = (OF_SUMS if change.metric.parts == "sum" else ABOUT) + (GREY if change.total["low"] is not None else "")
    return chart(change, title, f"{_when(asker, change.answer)} {about}")


def _dimensions(answer: Answer, found: list[Row]) -> Table:
    """Each dimension with how much of the change it explains, and by which part most."""
    columns = (Column("By"), Column("Most of it"), Column("Explains", True), Column("Of the change", True))
    rows = tuple(_line(answer, row) for row in found)
    note = (
        "100%: at most three parts make the whole change and everything else stayed as it was; 0%: everything changed "
        "alike, or what changed is noise. Dimensions overlap, so that these do not add up"
    )
    return Table("Where the change lies", columns, rows, note, Link("As CSV", _csv(answer)))


def _csv(answer: Answer) -> str:
    return addresses.study("where_changed", answer, None, form="csv")


def _line(answer: Answer, row: Row) -> tuple[Cell, ...]:
    name, share = row["dimension"], row["share"]
    question = [(d, addresses.NONE if value is None else value) for d, value in answer.where]
    period = [("since", answer.since), ("until", answer.until)]
    link = address(PATH, [("metric", answer.metric), ("by", name), *question, *period])
    most = Cell(_most(answer, row) if row["part"] else words.DASH, row["group"])
    explained = changes.signed(row["explained"], answer.unit)
    shown = words.DASH if share is None else f"{round(100 * share)}%"
    return Cell(words.dimension(name), name, link), most, Cell(explained, row["explained"]), Cell(shown, share)


def _most(answer: Answer, row: Row) -> str:
    """The part that explains most, as it is called by its own dimension."""
    total = answer.figures[0]
    whole = {"rows": total.rows, "rows_before": total.before and total.before.rows}
    said = part(Change(answer, row["dimension"], (None, None), [whole]), {**row, row["dimension"]: row["group"]})
    return said[:1].upper() + said[1:]


def _unsure(answer: Answer) -> tuple[Notice, ...]:
    """What the intervals do not hold."""
    if answer.checked == "not checked":
        said = "Nobody has measured how often this reading errs, so that nobody can say what of this is noise."
        return (Notice(said, "warning"), *unread(answer))
    return unread(answer)


def _when(asker: Asker, answer: Answer) -> str:
    """Both periods in words."""
    current = periods.period(answer.since, answer.until, answer.zone, asker.now)
    earlier = periods.before(current, asker.now)
    until = current.until or asker.now
    now, then = (
        words.days(_day(since, asker.zone), _day(end - timedelta(microseconds=1), asker.zone))
        for since, end in ((current.since, until), (earlier.since, earlier.until))
        if since and end
    )
    return f"{now} against {then}, {words.place(asker.zone)}."


def _day(at: datetime, zone: str) -> date:
    return words.local(at, zone).date()
