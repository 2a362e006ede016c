"""Figures are right, add up, hide small groups, and have exactly their rows behind them."""

import random
from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from heedful.errors import BadSettings, NotFound
from heedful.insight.answer import from_json
from heedful.insight.ask import Question, ask, evidence, evidence_where
from heedful.insight.certainty import Confusion
from heedful.insight.dimensions import applicable
from heedful.insight.metrics import metric, names

NOW = datetime(2026, 4, 12, 9, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia")
MEASURED = Confusion(("negative", "neutral", "positive"), ((880, 90, 30), (80, 840, 80), (30, 90, 880)))


def answer(view, name, *by, **more):
    return ask(view, Question(name, by, **more), now=NOW)


def test_volume_and_people_by_channel_are_what_counting_gives(view, tables):
    rows = tables["message"].to_pylist()
    shown = {f.group["channel"]: (f.value, f.rows, f.people) for f in answer(view, "volume", "channel").figures}
    counted = Counter(row["channel"] for row in rows)
    people = {c: len({r["person"] for r in rows if r["channel"] == c} - {None}) for c in counted}
    assert shown == {c: (float(n), n, people[c]) for c, n in counted.items()}
    assert [f.value for f in answer(view, "people", "channel").figures] == [people[c] for c in sorted(counted)]


def test_local_days_are_those_of_zoneinfo(view, tables):
    zone = ZoneInfo("Australia/Lord_Howe")
    times = [row["occurred_at"] for row in tables["event"].to_pylist()]
    days = Counter(at and at.replace(tzinfo=UTC).astimezone(zone).date().isoformat() for at in times)
    figures = answer(view, "events", "day", zone=zone.key).figures
    assert {f.group["day"]: f.rows for f in figures} == days
    assert [f.group["day"] for f in figures] == [*sorted(day for day in days if day), None]


def test_the_hour_that_a_clock_shows_twice_is_two_hours(made, engine):
    at = [datetime(2026, 10, 25, 0, 30), datetime(2026, 10, 25, 1, 30), datetime(2026, 10, 25, 1, 40)]
    rows = [made.made(1)["event"].to_pylist()[0] | {"n": i, "occurred_at": t} for i, t in enumerate(at)]
    view = engine({"event": pa.Table.from_pylist(rows, made.shape("event"))}, made.viewer())
    figures = answer(view, "events", "hour", zone="Europe/Berlin").figures
    assert [(f.group["hour"], f.rows) for f in figures] == [
        ("2026-10-25T02:00+02:00", 1),
        ("2026-10-25T02:00+01:00", 2),
    ]
    (day,) = answer(view, "events", "day", zone="Europe/Berlin").figures
    assert day.group == {"day": "2026-10-25"}
    assert day.rows == 3


def test_a_message_with_two_brands_counts_in_both(view, tables):
    rows = tables["message"].to_pylist()
    expected = Counter(brand for row in rows for brand in set(row["brand"] or [None]))
    assert {f.group["brand"]: f.rows for f in answer(view, "volume", "brand").figures} == expected


def test_means_and_sums(view, tables):
    rows = tables["message"].to_pylist()
    rated = [row["rating"] for row in rows if row["rating"] is not None]
    (mean,) = answer(view, "mean_rating").figures
    assert mean.rows == len(rated)
    assert mean.value == pytest.approx(sum(rated) / len(rated))
    assert (mean.low, mean.high) == (None, None)
    (reach,) = answer(view, "reach").figures
    assert reach.value == sum(row["reach"] or 0 for row in rows)


def test_an_unchecked_estimate_is_what_was_read_and_says_so(view, tables):
    read = {row["n"]: row["sentiment"] for row in tables["reading"].to_pylist()}
    incoming = [read.get(row["n"]) for row in tables["message"].to_pylist() if row["direction"] == "in"]
    found = answer(view, "net_sentiment")
    (figure,) = found.figures
    known = [sentiment for sentiment in incoming if sentiment]
    net = 100 * (known.count("positive") - known.count("negative")) / len(known)
    assert (found.checked, found.unread) == ("not checked", len(incoming) - len(known))
    assert (figure.rows, figure.low, figure.high) == (len(known), None, None)
    assert figure.value == pytest.approx(net)
    assert answer(view, "net_sentiment", "brand").unread == found.unread


def test_a_measured_estimate_has_an_interval_and_a_full_count_none(view):
    def measured(name, *by):
        return ask(view, Question(name, by), now=NOW, accuracy=lambda *_: MEASURED)

    shares = [measured(f"{c}_share") for c in ("negative", "neutral", "positive")]
    assert {s.checked for s in shares} == {"measured"}
    assert sum(s.figures[0].value for s in shares) == pytest.approx(100)
    assert all(f.low < f.value < f.high for s in shares for f in s.figures)
    assert measured("volume").checked == "full count"
    assert measured("volume", "sentiment").checked == "not checked"


def test_each_language_is_corrected_by_its_own_errors(view):
    rougher = Confusion(MEASURED.labels, ((60, 25, 15), (20, 60, 20), (15, 25, 60)))

    def measured(*by, **where):
        errors = {"en": MEASURED, "de": rougher}
        question = Question("net_sentiment", by, tuple(where.items()))
        return ask(view, question, now=NOW, accuracy=lambda _, language: errors.get(language))

    found = {figure.group["language"]: figure for figure in measured("language").figures}
    assert {"en", "de", "es"} <= found.keys()
    for language, figure in found.items():
        if language is not None:
            (alone,) = measured(language=language).figures
            assert (alone.value, alone.low, alone.high) == (figure.value, figure.low, figure.high)
    widths = {language: found[language].high - found[language].low for language in ("en", "de")}
    assert widths["de"] > widths["en"]
    assert found["es"].low is None
    assert measured(language="es").checked == "not checked"
    both = {tuple(figure.group.values()): figure for figure in measured("channel", "language").figures}
    (chat,) = measured(channel="chat", language="de").figures
    assert (both["chat", "de"].value, both["chat", "de"].low) == (chat.value, chat.low)


def test_reply_times(made, engine):
    def row(n, minute, direction, **more):
        common = {"n": n, "id": f"{n}", "channel": "chat", "kind": "turn", "source": "s", "text": "Hello", "key": n}
        at = datetime(2026, 4, 1, 10, minute)
        return common | {"direction": direction, "occurred_at": at, "ingested_at": at, "version": n} | more

    rows = [
        row(1, 0, "in", thread="a"),
        row(2, 1, "in", thread="a"),
        row(3, 5, "out", thread="a"),
        row(4, 7, "out", thread="a"),
        row(5, 10, "in"),
        row(6, 30, "out", parent="5", parent_key=5),
        row(7, 20, "out", parent="5", parent_key=5),
        row(8, 40, "in", thread="b"),
        row(9, 41, "in", channel="review"),
        row(10, 39, "out", parent="8", parent_key=8),
    ]
    none = pa.Table.from_pylist([], made.shape("reading"))
    view = engine({"message": pa.Table.from_pylist(rows, made.shape("message")), "reading": none}, made.viewer())
    (waited,) = answer(view, "reply_time").figures
    assert (waited.value, waited.rows) == (5.0, 3)  # 5, 4 and 10 minutes
    (unanswered,) = answer(view, "unanswered_share").figures
    assert (unanswered.value, unanswered.rows) == (25.0, 4)  # message 8; reviews are never answered here
    (late,) = answer(view, "reply_time", since="2026-04-01T10:01", until="2026-04-01T10:05").figures
    assert (late.value, late.rows) == (4.0, 1)


@pytest.mark.parametrize("name", ["channel", "country", "rating", "hour", "day", "week", "month", "weekday"])
def test_groups_add_up_to_the_total(name, view):
    for zone in ZONES:
        (total,) = answer(view, "volume", zone=zone).figures
        groups = answer(view, "volume", name, zone=zone).figures
        assert sum(f.value for f in groups) == total.value == sum(f.rows for f in groups)


@pytest.mark.parametrize("questions", [15, pytest.param(60, marks=pytest.mark.soak)])
def test_rows_behind_a_figure_are_as_many_as_it_says(view, questions):
    draw = random.Random(11)
    for _ in range(questions):
        known = metric(draw.choice(names()))
        by = tuple(draw.sample([d.name for d in applicable(known.of, reading=known.reading)], draw.choice((0, 1, 2))))
        since = draw.choice((None, "2026-03-28", "10d"))
        found = ask(view, Question(known.name, by, since=since, zone=draw.choice(ZONES)), now=NOW)
        for figure in draw.sample(found.figures, min(4, len(found.figures))):
            asked = evidence_where(found, figure)
            rows = evidence(view, asked, as_of=found.as_of, limit=10_000, now=NOW)
            again = ask(view, asked, now=NOW).figures[0]
            assert rows.num_rows == figure.rows == again.rows, (known.name, asked)
            if not known.shared:  # the rows of one group are all of themselves
                assert again.value == pytest.approx(figure.value)


def test_evidence_is_newest_first_in_pages_and_in_the_contract_shape(view):
    def page(offset, limit):
        return evidence(view, Question("volume"), offset=offset, limit=limit, now=NOW)

    whole = page(0, 10_000)
    times = [at for at in whole["occurred_at"].to_pylist() if at]
    assert times == sorted(times, reverse=True)
    assert whole["occurred_at"].to_pylist()[-1] is None
    assert page(40, 7).to_pylist() == whole.slice(40, 7).to_pylist()
    assert all(person is None or person.startswith("p_") for person in whole["person"].to_pylist())
    with pytest.raises(BadSettings, match="as of"):
        evidence(view, Question("volume"), as_of="1-1", now=NOW)


def test_small_groups_are_hidden_and_have_no_rows(made, engine, tables):
    view = engine(tables, made.viewer(smallest=12))
    rows = tables["message"].to_pylist()
    found = answer(view, "volume", "country", "kind")
    sizes = Counter()
    for group in {(r["country"], r["kind"]) for r in rows}:
        many = [r["person"] for r in rows if (r["country"], r["kind"]) == group]
        sizes[group] = len(set(many) - {None}) + many.count(None)
    hidden = [f for f in found.figures if f.hidden]
    assert {tuple(f.group.values()) for f in hidden} >= {group for group, size in sizes.items() if size < 12}
    assert len(hidden) < len(found.figures)
    for figure in hidden[:3]:
        assert (figure.value, figure.low, figure.rows, figure.people) == (None, None, None, None)
        if sizes[tuple(figure.group.values())] < 12:
            assert evidence(view, evidence_where(found, figure), now=NOW).num_rows == 0


def test_one_hidden_group_takes_another_with_it(made, engine):
    def many(country, count, start):
        first = made.made(1)["event"].to_pylist()[0]
        return [first | {"n": start + i, "person": start + i, "country": country} for i in range(count)]

    rows = [*many("DE", 40, 0), *many("US", 9, 100), *many("TV", 2, 200)]
    view = engine({"event": pa.Table.from_pylist(rows, made.shape("event"))}, made.viewer(smallest=5))
    shown = {f.group["country"]: f.hidden for f in answer(view, "events", "country").figures}
    assert shown == {"DE": False, "TV": True, "US": True}


def test_rows_without_a_person_count_toward_the_size_of_a_group(made, engine):
    first = made.made(1)["event"].to_pylist()[0]
    rows = [first | {"n": i, "person": None if i < 3 else 7} for i in range(9)]
    table = {"event": pa.Table.from_pylist(rows, made.shape("event"))}
    (figure,) = answer(engine(table, made.viewer(smallest=4)), "events").figures
    assert (figure.hidden, figure.people, figure.rows) == (False, 1, 9)
    (figure,) = answer(engine(table, made.viewer(smallest=5)), "events").figures
    assert figure.hidden


def test_no_rows_are_no_secret(made, engine, tables):
    view = engine(tables, made.viewer(smallest=5))
    where = (("channel", "nowhere"),)
    (volume,) = answer(view, "volume", where=where).figures
    assert (volume.value, volume.rows, volume.people, volume.hidden) == (0.0, 0, 0, False)
    (rating,) = answer(view, "mean_rating", where=where).figures
    assert (rating.value, rating.rows) == (None, 0)
    assert answer(view, "volume", "kind", where=where).figures == ()


def test_the_period_before(view, tables):
    found = answer(view, "events", "day", since="2026-04-01", until="2026-04-04", compare=True)
    rows = Counter(str(row["occurred_at"])[:10] for row in tables["event"].to_pylist())
    assert [(f.group["day"], f.value, f.before.value, f.change) for f in found.figures] == [
        (f"2026-04-0{i}", rows[f"2026-04-0{i}"], rows[before], rows[f"2026-04-0{i}"] - rows[before])
        for i, before in ((1, "2026-03-29"), (2, "2026-03-30"), (3, "2026-03-31"))
    ]
    gone = answer(view, "volume", "kind", since="2026-04-11T23:59", compare=True)
    assert {f.group["kind"] for f in gone.figures if f.rows == 0 and f.before.rows is not None} or gone.figures
    with pytest.raises(BadSettings, match="give since"):
        answer(view, "events", compare=True)


def test_an_answer_travels_as_json_and_as_a_table(view):
    found = answer(view, "mean_rating", "channel", since="2026-03-25", zone="Europe/Berlin", compare=True)
    shown = found.to_json()
    assert (shown["since"], shown["until"], shown["unit"]) == ("2026-03-25T00:00+01:00", None, "of 1")
    numbers = {"value", "low", "high", "rows", "people", "before", "change", "change_low", "change_high"}
    assert {"channel", *numbers} == shown["rows"][0].keys()
    assert found.to_arrow().equals(from_json(shown, found.by))
    assert found.to_arrow()["channel"].to_pylist() == [row["channel"] for row in shown["rows"]]


def test_unknown_names_list_what_there_is(view):
    with pytest.raises(NotFound, match=r"did you mean 'volume'.*there are: answers"):
        answer(view, "volumes")
    with pytest.raises(NotFound, match=r"did you mean 'channel'.*there are: channel"):
        answer(view, "volume", "chanel")
    for where in ((("person", "p_1"),), (("text", "x"),), (("device", "phone"),)):
        with pytest.raises(NotFound, match="there are: channel"):
            answer(view, "volume", where=where)
    for where in (
        (("day", "yesterday"),),
        (("hour", "2"),),
        (("week", "x"),),
        (("rating", "5"),),
        (("weekday", "Mo"),),
    ):
        with pytest.raises(BadSettings, match=where[0][0]):
            answer(view, "volume", where=where)
    with pytest.raises(NotFound):
        answer(view, "net_sentiment", "sentiment")
