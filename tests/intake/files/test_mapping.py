import pytest

from heedful.errors import BadSettings

FILE = "when,who,said,stars\n05.03.2024 10:00,ann,good day to you,3\n06.03.2024 11:00,bob,bad day to you,5\n"


def test_a_column_can_be_named_for_a_field(take):
    plan, records, _ = take(FILE, mapping={"person": "who", "text": "said"})
    assert records[0]["person"] == "ann"
    assert plan.fields["person"].why == "you said so"


def test_the_way_a_column_is_read_can_be_said(take):
    _, records, _ = take(
        FILE, mapping={"rating": "stars@0-10", "occurred_at": "when@%d.%m.%Y %H:%M"}, zone="Europe/Berlin"
    )
    assert records[0]["rating"] == 0.3
    assert records[0]["attributes"]["rating_scale"] == "0-10"
    assert records[0]["occurred_at"].isoformat() == "2024-03-05T09:00:00+00:00"


def test_constants_nothing_and_attributes(take):
    mapping = {"brand": "=Acme", "rating": "", "attributes.author": "who", "kind": "=comment", "language": "=en"}
    plan, records, _ = take(FILE, mapping=mapping, channel="forum")
    assert records[0]["brand"] == ["Acme"]
    assert records[0]["rating"] is None
    assert records[0]["kind"] == "comment"
    assert records[0]["language"] == "en"
    assert records[0]["channel"] == "forum"
    assert records[0]["attributes"] == {"author": "ann", "stars": "3"}
    assert plan.fields["brand"].name == "=Acme"


def test_columns_can_be_joined(take):
    _, records, _ = take(FILE, mapping={"text": "who+said"})
    assert records[0]["text"] == "Who:\nann\n\nSaid:\ngood day to you"


def test_a_wrong_field_or_column_names_those_that_exist(take):
    with pytest.raises(BadSettings, match=r"no field 'txet'; did you mean 'text'\? There are: id, source"):
        take(FILE, mapping={"txet": "said"})
    with pytest.raises(BadSettings, match=r"no column 'Sayd'; did you mean 'said'\? There are: when, who, said, stars"):
        take(FILE, mapping={"text": "Sayd"})
    with pytest.raises(BadSettings, match="ends of the scale"):
        take(FILE, mapping={"rating": "stars@many"})
    with pytest.raises(BadSettings, match="unix seconds"):
        take(FILE, mapping={"occurred_at": "when@sometimes"})


def test_a_name_with_a_sign_of_the_mapping_is_a_column_first(take):
    _, records, _ = take(
        "id,a+b,@timestamp\n1,good day to you,2024-01-01\n", mapping={"text": "a+b", "occurred_at": "@timestamp"}
    )
    assert records[0]["text"] == "good day to you"
    assert records[0]["occurred_at"].year == 2024


def test_a_needed_column_that_is_not_found_is_asked_for(take):
    with pytest.raises(BadSettings, match=r"hold the text; --map text=COLUMN says which\. There are: a, b"):
        take("a,b\n1,2\n3,4\n")
    with pytest.raises(BadSettings, match="whose consent"):
        take("a,purpose,granted\n1,marketing,yes\n", "consents")
    with pytest.raises(BadSettings, match="for which purpose"):
        take("email,granted\na@b.example,yes\n", "consents")
    with pytest.raises(BadSettings, match="whether consent was given"):
        take("email,purpose\na@b.example,marketing\n", "consents")
    with pytest.raises(BadSettings, match="which form an answer"):
        take("question,answer\nq1,yes\n", "answers")
