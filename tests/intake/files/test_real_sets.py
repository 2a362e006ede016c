"""The real sets: counts that are known from their descriptions, and first records."""

from collections import Counter
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from heedful.intake.files import inspect, read


@pytest.fixture
def get(take, shared_data, tmp_path):
    """Look at a real file and read it whole."""
    return lambda name, table, **options: take(None, table, name=str(shared_data / name), **options)


def test_airline_tweets(get):
    plan, records, bad = get("airline_tweets/all.parquet", "messages", zone="America/Los_Angeles")
    assert len(records) == 14_640
    assert not bad
    assert plan.rows == 14_640
    assert plan.source == "airline_tweets_all"
    assert len({record["id"] for record in records}) == 14_485  # 155 ids repeat
    first = records[0]
    assert first["id"] == "570306133677760513"
    assert first["text"] == "@VirginAmerica What @dhepburn said."
    assert (first["person"], first["brand"], first["shares"]) == ("cairdin", ["Virgin America"], 0)
    assert first["occurred_at"] == datetime(2015, 2, 24, 19, 35, 52, tzinfo=UTC)
    assert (first["channel"], first["kind"], first["direction"]) == ("social", "post", "in")
    assert first["attributes"]["sentiment"] == "neutral"


def test_all_beauty(get):
    _plan, records, bad = get("amazon_all_beauty_5core/all.parquet", "messages")
    assert len(records) == len({record["id"] for record in records}) == 5_269
    assert not bad
    first = records[0]
    assert (first["person"], first["item"], first["rating"]) == ("A3CIUOJXQ5VDQ2", "B0000530HU", 1.0)
    assert (first["title"], first["text"]) == ("Five Stars", "As advertised. Reasonably priced")
    assert first["occurred_at"] == datetime(2016, 9, 1, tzinfo=UTC)
    assert (first["channel"], first["kind"]) == ("review", "review")
    assert first["attributes"]["rating_original"] == "5"
    assert first["attributes"]["rating_scale"] == "1-5"
    assert sum(record["title"] is None and record["text"] is not None for record in records) >= 5


def test_app_store_reviews(get):
    _, records, bad = get("app_store_reviews/googleplay_reviews_all.parquet", "messages")
    assert len(records) == len({record["id"] for record in records}) == 37_427
    assert not bad
    assert len({record["item"] for record in records}) == 865
    plan, records, bad = get("app_store_reviews/maalej_original.parquet", "messages")
    assert plan.fields["text"].columns == ("review",)
    assert (len(records), [b.reason for b in bad]) == (3_689, ["no text"] * 2)
    assert records[0]["title"] == "Almost perfect"
    plan, records, bad = get("app_store_reviews/request_types_all.parquet", "messages")
    assert (len(records), len(bad)) == (5_079, 2)
    assert "id" not in plan.fields  # two lists of numbers in one file
    assert len({record["id"] for record in records}) == 5_079
    assert {record["channel"] for record in records} == {"review"}
    _, records, bad = get("app_store_reviews/pan_original.parquet", "messages")
    assert len({record["id"] for record in records}) == 1_390


def test_google_play_apps_as_items(get):
    _, records, bad = get("app_store_reviews/googleplay_apps.parquet", "items")
    assert len(records) == 10_840
    assert [(b.line, b.reason) for b in bad] == [(10_473, "price 'Everyone' is not a number")]  # cells shifted upstream
    assert records[0]["title"] == "Photo Editor & Candy Camera & Grid & ScrapBook"
    assert records[0]["occurred_at"] == datetime(2018, 1, 7, tzinfo=UTC)


def test_albany(get):
    _plan, records, bad = get("airbnb_reviews/albany_reviews_all.parquet", "messages")
    assert len({record["id"] for record in records}) == len(records) == 27_855
    assert not bad
    assert len({record["item"] for record in records}) == 400
    assert len({record["person"] for record in records}) == 23_144
    assert records[0]["occurred_at"] == datetime(2014, 7, 1, tzinfo=UTC)
    assert min(r["occurred_at"] for r in records).date().isoformat() == "2014-07-01"
    assert max(r["occurred_at"] for r in records).date().isoformat() == "2025-10-05"
    _, items, bad = get("airbnb_reviews/albany_listings.parquet", "items")
    assert (len(items), len(bad)) == (461, 0)
    assert (items[0]["id"], items[0]["title"], items[0]["price"]) == ("2992450", "Luxury 2 bedroom apartment", 93.0)


def test_conversations(get):
    _, records, bad = get("twcs_sample/all.parquet", "messages")
    assert (len(records), len(bad)) == (999, 0)
    assert len({record["thread"] for record in records}) == 255
    first = records[0]
    assert (first["id"], first["direction"], first["parent"], first["thread"]) == ("1", "out", "3", "8")
    assert first["occurred_at"] == datetime(2017, 10, 31, 22, 10, 47, tzinfo=UTC)
    assert first["person"] == "sprintcare"


def test_drug_reviews_have_three_texts_in_one(get):
    plan, records, bad = get("druglib_reviews/train.parquet", "messages")
    assert (len(records), len(bad)) == (3_106, 1)
    assert plan.fields["text"].columns == ("benefits_review", "side_effects_review", "comments_review")
    assert records[0]["text"].startswith("Benefits review:\nslowed the progression")
    assert "\n\nSide effects review:\ncough" in records[0]["text"]
    assert (records[0]["item"], records[0]["rating"]) == ("enalapril", pytest.approx(3 / 9))
    _, records, _ = get("druglib_reviews/train.parquet", "messages", mapping={"text": "benefits_review"})
    assert records[0]["text"].startswith("slowed the progression")


def test_alexa(get):
    _, records, bad = get("amazon_alexa_reviews/all.parquet", "messages")
    assert (len(records), len(bad)) == (3_071, 79)
    assert {b.reason for b in bad} == {"no text"}
    assert records[0]["text"] == "L0ve my Echo!"


def test_online_retail(shared_data):
    path = shared_data / "online_retail" / "year2011_all.parquet"
    names: Counter[str] = Counter()
    ids, total, lacking = set(), 0.0, 0
    for shaped in read(inspect(path, "events")):
        assert not shaped.bad
        names.update(shaped.batch["name"].to_pylist())
        ids.update(shaped.batch["id"].to_pylist())
        total += sum(shaped.batch["value"].to_pylist())
        lacking += shaped.batch["person"].null_count
    assert names.total() == len(ids) == 541_909
    assert names == {"purchase": 531_283, "return": 10_626}
    assert lacking == 135_080
    assert total == pytest.approx(9_747_747.934, abs=0.01)


@pytest.mark.parametrize(
    ("name", "rows", "event", "fields"),
    [
        ("bank_marketing/all", 41_188, "event", set()),
        ("cdnow/all", 69_659, "purchase", {"person", "value", "occurred_at"}),
        ("apache_access_log/all", 10_000, "visit", {"anonymous", "path", "referrer", "device", "occurred_at"}),
        ("movielens_100k/ratings_all", 100_000, "rating", {"person", "value", "item", "occurred_at"}),
        ("diginetica_sample/all", 12_391, "visit", {"person", "anonymous", "item", "occurred_at"}),
        ("msweb_visits/train", 98_654, "visit", {"person", "item"}),
        ("hillstrom_email/all", 64_000, "event", {"value"}),
    ],
)
def test_events(shared_data, name, rows, event, fields):
    plan = inspect(shared_data / f"{name}.parquet", "events")
    assert set(plan.fields) == {"name", *fields}
    ids: set[str] = set()
    for shaped in read(plan):
        assert not shaped.bad
        ids.update(shaped.batch["id"].to_pylist())
        assert set(shaped.batch["name"].to_pylist()) == {event}
    assert len(ids) == rows


def test_profiles(get):
    _, records, bad = get("movielens_100k/users.parquet", "profiles")
    assert (len({record["person"] for record in records}), len(bad)) == (943, 0)
    assert {record["trait"] for record in records} == {"age", "gender", "occupation", "zip_code"}
    _, records, bad = get("telco_churn/all.parquet", "profiles")
    assert len({record["person"] for record in records}) == 7_043


@pytest.mark.parametrize(
    ("name", "people", "response", "labels", "answers"),
    [
        ("nonvoters_2020_all", 5_836, "RespId", 0, 616_578),
        ("star_wars_all", 1_186, "RespondentID", 1, None),
        ("oxford_comma_all", 1_129, "RespondentID", 0, 12_624),
        ("flying_etiquette_all", 1_040, "RespondentID", 0, 22_937),
        ("steak_risk_all", 550, "RespondentID", 1, 7_230),
        ("thanksgiving_2015_all", 1_058, "RespondentID", 0, None),
    ],
)
def test_surveys(shared_data, name, people, response, labels, answers):
    path = shared_data / "surveys_538" / f"{name}.parquet"
    plan = inspect(path, "answers")
    table = pa.Table.from_batches([shaped.batch for shaped in read(plan) if not shaped.bad])
    assert plan.survey.form == "wide"
    assert plan.fields["response"].columns == (response,)
    assert plan.layout.labels == labels
    assert pc.count_distinct(table["id"]).as_py() == table.num_rows
    assert answers is None or table.num_rows == answers
    assert people - 30 <= pc.count_distinct(table["response"]).as_py() <= people
    assert table["survey"].unique().to_pylist() == [name]
    said = pc.sum(pc.list_value_length(table["choices"])).as_py() + table["choices"].null_count
    raw = pq.read_table(path).slice(labels)
    asked = [raw[column] for column in raw.column_names if column not in (response, "weight")]
    assert said == sum(len(column) - pc.sum(pc.is_in(column, pa.array(["", "NA", None]))).as_py() for column in asked)


def test_weights_of_a_panel(shared_data):
    path = shared_data / "surveys_538" / "nonvoters_2020_all.parquet"
    plan = inspect(path, "answers")
    assert plan.fields["weight"].columns == ("weight",)
    found = pa.Table.from_batches([shaped.batch for shaped in read(plan)]).select(["response", "weight"])
    found = found.group_by("response").aggregate([("weight", "min"), ("weight", "max")]).sort_by("response")
    raw = pq.read_table(path).sort_by("RespId")
    assert found["weight_min"].to_pylist() == found["weight_max"].to_pylist() == raw["weight"].to_pylist()
    first = plan.sample[0]
    assert (first["question"], first["value"], first["weight"]) == ("Q1", 1.0, 0.7516)


def test_what_several_films_were_seen(get):
    plan, records, _ = get("surveys_538/star_wars_all.parquet", "answers")
    seen = "Which of the following Star Wars films have you seen? Please select all that apply."
    chosen = Counter(film for record in records if record["question"] == seen for film in record["choices"])
    assert chosen["Star Wars: Episode V The Empire Strikes Back"] == 758
    assert chosen["Star Wars: Episode III  Revenge of the Sith"] == 550
    assert Counter(plan.survey.questions.values()) == {"choice": 25, "number": 6, "choices": 1}


def test_what_is_on_the_table_at_thanksgiving(get):
    plan, records, _ = get("surveys_538/thanksgiving_2015_all.parquet", "answers")
    several = [question for question, kind in plan.survey.questions.items() if kind == "choices"]
    assert len(several) == 4
    pies = "Which type of pie is typically served at your Thanksgiving dinner? Please select all that apply."
    chosen = Counter(pie for record in records if record["question"] == pies for pie in record["choices"])
    assert (chosen["Apple"], chosen["Pumpkin"], chosen["Pecan"]) == (514, 729, 342)


def test_a_copy_as_csv_gives_the_same_records(get, take, shared_data, tmp_path):
    for name, table in (
        ("amazon_all_beauty_5core/all", "messages"),
        ("twcs_sample/all", "messages"),
        ("surveys_538/steak_risk_all", "answers"),
    ):
        path = shared_data / f"{name}.parquet"
        whole = pq.read_table(path)
        pyarrow.csv.write_csv(whole, tmp_path / "copy.csv")
        plan, records, bad = take(None, table, name="copy.csv", source="s", channel="social")
        other, expected, _ = take(None, table, name=str(path), source="s", channel="social")
        assert len(records) == len(expected)
        assert not bad
        assert {f: c.columns for f, c in plan.fields.items()} == {f: c.columns for f, c in other.fields.items()}
        assert records == expected
