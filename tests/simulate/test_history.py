"""A told history: its size, its shapes, its truth, its incidents, and how varied its texts are."""

import json
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from heedful.records import BASES, CHANNELS, INCOMING, KINDS, PURPOSES
from heedful.simulate import Ledger, company, history, names, write_truth

END = datetime(2026, 11, 20, 12, tzinfo=UTC)
MESSAGES = 12_000


class Told(NamedTuple):
    tables: dict[str, list[dict[str, Any]]]
    ledger: Ledger
    chunks: list[tuple[str, int]]


def tell(messages: int, **more: Any) -> Told:
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    ledger = Ledger()
    chunks = []
    for table, records in history(seed=7, end=END, messages=messages, ledger=ledger, **more):
        tables[table] += records
        chunks.append((table, len(records)))
    return Told(tables, ledger, chunks)


@pytest.fixture(scope="module")
def told() -> Told:
    return tell(MESSAGES)


def test_counts(told):
    assert MESSAGES <= len(told.tables["message"]) <= MESSAGES * 1.01
    assert len(told.tables["event"]) >= MESSAGES * 3
    assert 0.14 * MESSAGES <= len(told.tables["answer"]) <= 0.17 * MESSAGES
    assert len(told.tables["item"]) == len(company.ITEMS)
    assert len(told.tables["profile"]) == 3 * MESSAGES / 5
    assert max(size for _, size in told.chunks) <= 2000


def test_all_channels_and_their_shares(told):
    counted = Counter(record["channel"] for record in told.tables["message"])
    assert set(counted) == set(CHANNELS)
    assert 0.3 < counted["social"] / len(told.tables["message"]) < 0.5
    assert all(counted[channel] > 0.03 * len(told.tables["message"]) for channel in set(CHANNELS) - {"news"})


@pytest.mark.parametrize("table", ["message", "event", "answer", "item", "profile", "consent"])
def test_records_fit_the_incoming_shape(told, table):
    records = told.tables[table]
    batch = pa.RecordBatch.from_pylist(records, INCOMING[table])
    assert batch.num_rows == len(records)
    assert set().union(*records) <= set(INCOMING[table].names)
    for field in INCOMING[table]:
        if not field.nullable:
            assert batch.column(field.name).null_count == 0, field.name


def test_ids_are_never_given_twice(told):
    for table, records in told.tables.items():
        kept = [(record.get("source"), record["id"]) for record in records]
        assert len(set(kept)) == len(kept), table


def test_time_runs_forward_and_stays_inside(told):
    for table in ("message", "event", "answer"):
        moments = [record["occurred_at"] for record in told.tables[table]]
        assert moments == sorted(moments)
        assert moments[0] >= END - timedelta(days=90)
        assert moments[-1] < END


def test_same_seed_same_records():
    first, second = tell(1500), tell(1500)
    assert first.tables == second.tables
    assert first.ledger.facts == second.ledger.facts
    other = [record for table, some in history(seed=8, end=END, messages=1500) if table == "message" for record in some]
    assert [record["text"] for record in other] != [record["text"] for record in first.tables["message"]]


def test_replies_answer_something_that_was_said_before(told):
    said = {(record["source"], record["id"]): record for record in told.tables["message"]}
    answers = [record for record in told.tables["message"] if "parent" in record]
    assert len(answers) > MESSAGES / 5
    for record in answers:
        asked = said[record["source"], record["parent"]]
        assert asked["occurred_at"] <= record["occurred_at"]
        assert asked["channel"] == record["channel"]
    for record in told.tables["message"]:
        if "about" in record:
            assert (record["source"], record["about"]) in said


def test_the_company_answers_some_and_not_all(told):
    answered = {
        record["parent"] for record in told.tables["message"] if record["direction"] == "out" and "parent" in record
    }
    asked = [r for r in told.tables["message"] if r["channel"] == "social" and r["kind"] == "mention"]
    share = sum(record["id"] in answered for record in asked) / len(asked)
    assert 0.35 < share < 0.75


def test_chats_stay_on_their_topic(told):
    facts = {fact.message: fact for fact in told.ledger.facts}
    threads = defaultdict(list)
    for record in told.tables["message"]:
        if record["channel"] in ("chat", "call"):
            threads[record["thread"]].append(record)
    assert Counter(len(turns) for turns in threads.values()).most_common(1)[0][0] >= 4
    for turns in threads.values():
        assert len({facts[record["id"]].topic for record in turns}) == 1
        people = {record["person"] for record in turns if record["direction"] == "in"}
        assert len(people) <= 1


def test_kinds_ratings_and_brands(told):
    for record in told.tables["message"]:
        assert record["kind"] in KINDS
        assert record["text"].strip()
        if record["channel"] == "review" and record["direction"] == "in":
            assert 0 <= record["rating"] <= 1
        assert set(record["brand"]) <= {company.COMPANY, *company.COMPETITORS}
    brands = Counter(brand for record in told.tables["message"] for brand in record["brand"])
    assert all(brands[name] > 0.01 * MESSAGES for name in company.COMPETITORS)


def test_consents_are_choices_of_some_people(told):
    choices = told.tables["consent"]
    assert {choice["purpose"] for choice in choices} <= set(PURPOSES)
    assert {choice["basis"] for choice in choices} <= set(BASES)
    people = {choice["person"] for choice in choices if "@example." in choice["person"]}
    assert 0.1 < len(people) / (MESSAGES / 5) < 0.15
    assert {choice["granted"] for choice in choices} == {True, False}
    assert any(choice["id"].endswith("-2-m") for choice in choices), "nobody withdrew"


def test_remarks_are_messages_too(told):
    answers = {answer["response"]: answer for answer in told.tables["answer"] if answer["question"] == "remark"}
    remarks = [r for r in told.tables["message"] if r["channel"] == "survey"]
    assert len(remarks) == len(answers)
    for record in remarks:
        assert answers[record["attributes"]["response"]]["text"] == record["text"]
        assert answers[record["attributes"]["response"]]["person"] == record["person"]


def test_scores_follow_the_truth(told):
    facts = {fact.message: fact for fact in told.ledger.facts}
    scores = {a["response"]: a["value"] for a in told.tables["answer"] if a["question"] == "recommend"}
    mean: dict[str, list[float]] = defaultdict(list)
    for record in told.tables["message"]:
        if record["channel"] == "survey":
            mean[facts[record["id"]].sentiment].append(scores[record["attributes"]["response"]])
    average = {name: sum(values) / len(values) for name, values in mean.items()}
    assert average["negative"] < 4 < 6 < average["neutral"] < 8 < average["positive"]


def test_the_truth_says_what_the_records_are(told):
    summary = told.ledger.summary()
    facts = {fact.message: fact for fact in told.ledger.facts}
    assert set(facts) == {record["id"] for record in told.tables["message"]}
    assert summary["messages"] == len(told.tables["message"])
    assert summary["by_channel"] == dict(Counter(r["channel"] for r in told.tables["message"]).most_common())
    assert sum(sum(day.values()) for day in summary["by_day"].values()) == summary["messages"]
    for record in told.tables["message"]:
        assert not {"sentiment", "topic", "incident"} & set(record.get("attributes", {}))
        assert facts[record["id"]].occurred_at == record["occurred_at"]
    languages = Counter(fact.language for fact in facts.values())
    assert set(languages) == {"en", "es", "de", "fr", "it", "pt", "nl"}
    assert any(fact.irony for fact in facts.values())
    assert any(fact.personal for fact in facts.values())


def test_the_outage_can_be_seen(told):
    outage = next(incident for incident in told.ledger.summary()["incidents"] if incident["name"] == "outage")
    start, end = datetime.fromisoformat(outage["start"]), datetime.fromisoformat(outage["end"])

    def negative(since: datetime, until: datetime) -> tuple[int, float]:
        facts = [f for f in told.ledger.facts if since <= f.occurred_at < until and f.intent not in ("reply", "notice")]
        return len(facts), sum(f.sentiment == "negative" for f in facts) / len(facts)

    count, share = negative(start, end)
    before, usual = negative(start - timedelta(days=7), end - timedelta(days=7))
    assert count > 3 * before
    assert share > usual + 0.2
    visits = [event["occurred_at"] for event in told.tables["event"] if event["name"] == "outage_page"]
    during = sum(start <= at < end for at in visits)
    assert during > 10 * sum(start <= at + timedelta(days=7) < end for at in visits)
    towns = {p["person"]: p["value"] for p in told.tables["profile"] if p["trait"] == "region"}
    facts = {fact.message: fact for fact in told.ledger.facts}
    people = [
        r["person"] for r in told.tables["message"] if facts[r["id"]].incident == "outage" and r.get("person") in towns
    ]
    assert sum(towns[person] == outage["place"] for person in people) > 0.8 * len(people)


def test_the_price_rise_and_the_viral_complaint_can_be_seen(told):
    incidents = {incident["name"]: incident for incident in told.ledger.summary()["incidents"]}
    since = datetime.fromisoformat(incidents["price"]["start"])
    about = [
        f.occurred_at for f in told.ledger.facts if f.topic in ("price", "cancellation") and f.sentiment == "negative"
    ]
    after = sum(since <= at < since + timedelta(days=14) for at in about)
    assert after > 2.5 * sum(since - timedelta(days=14) <= at < since for at in about)
    cancels = [event["occurred_at"] for event in told.tables["event"] if event["name"] == "cancel_page"]
    assert sum(at >= since for at in cancels) > 2 * sum(at < since for at in cancels)
    begun = datetime.fromisoformat(incidents["viral"]["start"])
    reach: Counter[bool] = Counter()
    for record in told.tables["message"]:
        if record["channel"] == "social" and begun - timedelta(days=2) <= record["occurred_at"] < begun + timedelta(
            days=2
        ):
            reach[record["occurred_at"] >= begun] += record["reach"]
    assert reach[True] > 3 * reach[False]
    assert sum(record["kind"] == "repost" for record in told.tables["message"]) > MESSAGES * 0.005


def test_truth_is_written_beside_the_workspace(tmp_path):
    ledger = Ledger()
    for _ in history(seed=3, end=END, messages=1000, events=0, ledger=ledger):
        pass
    ledger.write(tmp_path / "one")
    write_truth(tmp_path / "two", seed=3, end=END, messages=1000)
    assert (tmp_path / "one/truth.json").read_text() == (tmp_path / "two/truth.json").read_text()
    summary = json.loads((tmp_path / "one/truth.json").read_text())
    assert [incident["name"] for incident in summary["incidents"]] == ["outage", "price", "viral"]
    table = pq.read_table(tmp_path / "one/truth.parquet")
    assert table.num_rows == summary["messages"]
    assert {"message", "sentiment", "topic", "incident", "emotion", "intent", "language"} <= set(table.column_names)


def words(text: str) -> list[str]:
    """The words of a text without digits, handles and the names of people, brands, products and places."""
    plain = re.sub(r"\d+", " ", re.sub(r"@\S+", " ", text.lower()))
    return [word for word in re.findall(r"[^\W_]+(?:'[^\W_]+)?", plain) if word not in NAMES]


NAMES = {
    word.lower()
    for name in (
        *names.FIRST,
        *names.LAST,
        *names.AGENTS,
        *company.HANDLES,
        *company.TOWNS,
        *(town for _, town in company.ABROAD.values()),
        *(item.title for item in company.ITEMS),
        *(item.spoken for item in company.ITEMS),
    )
    for word in re.findall(r"[A-Za-z]+", name)
    if word[0].isupper()
}


def variety(told: Told) -> tuple[float, str, float]:
    """Share of distinct texts, the most frequent six words outside notices and reposts, and their share."""
    facts = {fact.message: fact for fact in told.ledger.facts}
    texts = [(words(record["text"]), facts[record["id"]]) for record in told.tables["message"]]
    distinct = len({" ".join(said) for said, _ in texts}) / len(texts)
    kept = [said for said, fact in texts if not fact.notice and not fact.repost]
    six = Counter(run for said in kept for run in {" ".join(said[at : at + 6]) for at in range(len(said) - 5)})
    run, most = six.most_common(1)[0]
    return distinct, run, most / len(kept)


def test_texts_are_varied():
    distinct, run, share = variety(tell(30_000, events=0))
    assert distinct >= 0.9
    assert share <= 0.005, run


@pytest.mark.soak
def test_texts_of_the_full_history_are_varied():
    told = tell(100_000)
    assert len(told.tables["message"]) >= 100_000
    assert len(told.tables["event"]) >= 300_000
    distinct, run, share = variety(told)
    assert distinct >= 0.9
    assert share <= 0.005, run
