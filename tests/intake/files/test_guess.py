# ruff: noqa: E501
import pytest


def columns(plan):
    return {field: column.name for field, column in plan.fields.items()}


REVIEW = "This works very well for me every day"


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (  # an archive of tweets
            "id_str;created_at;full_text;user.screen_name;in_reply_to_status_id_str;retweet_count;favorite_count;lang",
            "900;Tue Oct 31 22:10:47 +0000 2017;hello there good people;ann;899;3;4;en",
            {"id": "id_str", "occurred_at": "created_at", "text": "full_text", "person": "user.screen_name",
             "parent": "in_reply_to_status_id_str", "shares": "retweet_count", "likes": "favorite_count", "language": "lang",
             "channel": "=social"},
        ),
        (  # Amazon's older reviews
            "reviewerID;asin;reviewText;overall;summary;unixReviewTime;reviewTime",
            f"A1;B2;{REVIEW};4.0;So nice;1424777752;02 24, 2015",
            {"person": "reviewerID", "item": "asin", "text": "reviewText", "rating": "overall", "title": "summary",
             "occurred_at": "unixReviewTime", "channel": "=review"},
        ),
        (  # Google Play
            "Package Name;Reviewer Language;Review Submit Date and Time;Star Rating;Review Title;Review Text;Review Link",
            f"com.a;en;2024-03-05T10:00:00Z;4;So nice;{REVIEW};https://play.example/r/1",
            {"item": "Package Name", "language": "Reviewer Language", "occurred_at": "Review Submit Date and Time",
             "rating": "Star Rating", "title": "Review Title", "text": "Review Text", "url": "Review Link", "channel": "=review"},
        ),
        (  # Trustpilot
            "Review ID;Review Created (UTC);Review Stars;Review Title;Review Content;Review Username",
            f"r1;2024-03-05 10:00:00;4;So nice;{REVIEW};ann",
            {"id": "Review ID", "occurred_at": "Review Created (UTC)", "rating": "Review Stars", "title": "Review Title",
             "text": "Review Content", "person": "Review Username", "channel": "=review"},
        ),
        (  # a help desk
            "id;subject;description;requester_id;created_at;via.channel;satisfaction_rating.score;assignee_id",
            "7;Broken;My lamp came broken and I want a new one;55;2024-03-05T10:00:00Z;email;good;3",
            {"id": "id", "title": "subject", "text": "description", "person": "requester_id", "occurred_at": "created_at",
             "channel": "via.channel"},
        ),
        (  # a chat tool
            "conversation_id;part_id;author_type;author.id;body;created_at",
            "c1;p1;user;u9;Where is my order please;1424777752",
            {"thread": "conversation_id", "id": "part_id", "direction": "author_type", "person": "author.id", "text": "body",
             "occurred_at": "created_at", "channel": "=chat"},
        ),
        (  # German
            "Bewertung;Kommentar;Datum;Kunde;Produkt;Land",
            f"4;{REVIEW};24.02.2015;k17;Lampe;Deutschland",
            {"rating": "Bewertung", "text": "Kommentar", "occurred_at": "Datum", "person": "Kunde", "item": "Produkt",
             "country": "Land", "channel": "=review"},
        ),
        (  # Spanish
            "Comentario;Fecha de creación;Puntuación;Usuario",
            f"{REVIEW};24/02/2015 10:00;5;ana",
            {"text": "Comentario", "occurred_at": "Fecha de creación", "rating": "Puntuación", "person": "Usuario",
             "channel": "=review"},
        ),
        (  # no name says anything
            "a;b;c",
            f"x1;{REVIEW};2015-02-24 11:35:52",
            {"text": "b", "occurred_at": "c", "channel": "=social"},
        ),
    ],
)  # fmt: skip
def test_columns_of_known_exports(take, header, row, expected):
    plan, records, bad = take(f"{header}\n{row}\n")
    assert columns(plan) == expected
    assert len(records) == 1
    assert not bad
    used = [name for column in plan.fields.values() for name in column.columns]
    assert len(used) == len(set(used))


def test_what_is_left_over_is_an_attribute_but_not_who_somebody_is(take):
    plan, records, _ = take(
        "id,text,user_id,email,Phone Number,mood,plan\n1,good day,u1,a@b.example,0170 1,blue,gold\n"
    )
    assert plan.left_out == ("email", "Phone Number")
    assert plan.extra == ("mood", "plan")
    assert records[0]["attributes"] == {"mood": "blue", "plan": "gold"}
    assert any("email" in note and "attributes." in note for note in plan.notes)


def test_an_id_that_a_spreadsheet_rounded_is_refused(take):
    rows = "".join(f"5.703E+17,message number {n}\n" for n in range(5))
    plan, records, _ = take("tweet_id,text\n" + rows)
    assert "id" not in plan.fields
    assert len({record["id"] for record in records}) == 5
    assert any("rounded" in note for note in plan.notes)


def test_ids_that_repeat_as_edits_are_ids_and_as_other_rows_are_none(take):
    edits = "".join(f"{n},message number {n} is {word}\n" for n in range(60) for word in ("here", "here now"))
    plan, records, _ = take("id,text\n" + edits)
    assert "id" in plan.fields
    assert len(records) == 120
    assert len({record["id"] for record in records}) == 60
    others = "".join(f"{n},{word} happened {n}\n" for n in range(60) for word in ("one thing", "something else"))
    plan, records, _ = take("id,text\n" + others)
    assert "id" not in plan.fields
    assert len({record["id"] for record in records}) == 120


def test_messages_without_text_use_the_title_or_are_bad(take):
    _, records, bad = take("id,title,text\n1,Great,\n2,, \n3,Fine,good day\n")
    assert [(r["id"], r["title"], r["text"]) for r in records] == [("1", None, "Great"), ("3", "Fine", "good day")]
    assert [(b.line, b.reason) for b in bad] == [(3, "no text")]


def test_values_that_cannot_be_read_make_a_row_bad_with_the_reason(take):
    rows = "".join(f"{n},good day,{n % 5 + 1},2024-03-05,{n}\n" for n in range(60))
    _, records, bad = take(
        f"id,text,rating,date,likes\n{rows}a,good,9,2024-03-05,1\nb,good,2,soon,1\nc,good,2,1820-01-01,1\nd,good,2,2024-01-01,many\n"
    )
    assert len(records) == 60
    assert [(b.line, b.reason) for b in bad] == [
        (62, "rating '9' is no rating from 1 to 5"),
        (63, "occurred_at: time not understood: 'soon'"),
        (64, "occurred_at: time out of range: '1820-01-01'"),
        (65, "likes 'many' is not a number"),
    ]
    assert '"id": "a"' in bad[0].raw


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("Came late,2,2026-11-01\nGreat,5,2026-11-02\nSo so,3,yesterday\n", "time not understood: 'yesterday'"),
        ("Came late,2,2026-11-01\nGreat,5,2026-13-45\n", "time not understood: '2026-13-45'"),
        ("Came late,2,2026-11-01\nGreat,five,2026-11-02\nSo so,3,2026-11-03\n", "rating 'five' is no rating"),
    ],
)
def test_one_mistake_in_a_short_file_costs_its_row_and_no_column(take, rows, reason):
    plan, records, bad = take("text,rating,date\n" + rows)
    assert {"occurred_at", "rating"} <= set(plan.fields)
    assert len(records) == rows.count("\n") - 1
    (only,) = bad
    assert reason in only.reason


def test_an_ambiguous_day_is_noted_with_what_to_write(take):
    plan, records, _ = take("id,text,date\n1,good day,03/04/2020\n2,bad day,05/06/2020\n")
    assert any("two ways" in note and "date@%d/%m/%Y" in note for note in plan.notes)
    plan, records, _ = take("id,text,date\n1,good day,03/04/2020\n", mapping={"occurred_at": "date@%d/%m/%Y"})
    assert records[0]["occurred_at"].month == 4


def test_several_prose_columns_are_joined_and_copies_are_not(take):
    rows = "".join(
        f"{n},It was quick and clean {n} and friendly too,It was too loud {n} at night for all of us\n"
        for n in range(30)
    )
    plan, records, _ = take("id,liked,disliked\n" + rows)
    assert plan.fields["text"].columns == ("liked", "disliked")
    assert records[0]["text"].startswith("Liked:\nIt was quick")
    rows = "".join(f"{n},The rooms were very clean number {n},the room be very clean number {n}\n" for n in range(30))
    plan, _, _ = take("id,said,stemmed\n" + rows)
    assert plan.fields["text"].columns in (("said",), ("stemmed",))


def test_direction_kind_and_thread(take):
    _, records, _ = take(
        "tweet_id,inbound,text,in_response_to_tweet_id,thread_root_id\n1,False,hello there,,1\n2,True,RT @x hello,,1\n3,True,oh no,2,1\n"
    )
    assert [(r["direction"], r["kind"], r["parent"]) for r in records] == [
        ("out", "post", None),
        ("in", "repost", None),
        ("in", "comment", "2"),
    ]


def test_a_purchase_is_the_quantity_times_the_price(take):
    plan, records, _ = take(
        "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n"
        "1,A,6,12/1/10 8:26,2.55,17850\nC2,A,-1,12/13/10 9:00,2.55,17850.0\n",
        "events",
    )
    assert [(r["name"], r["value"], r["person"], r["item"]) for r in records] == [
        ("purchase", 15.3, "17850", "A"),
        ("return", -2.55, "17850", "A"),
    ]
    assert records[0]["attributes"] == {"InvoiceNo": "1", "Quantity": "6", "UnitPrice": "2.55"}
    assert records[1]["occurred_at"].isoformat() == "2010-12-13T09:00:00+00:00"
    assert any("return" in note for note in plan.notes)


def test_events_with_a_name_of_their_own_or_said(take):
    content = (
        "event_name,user_pseudo_id,page_location,event_timestamp\nscroll,u1,https://a.example/x,1424777752123456\n"
    )
    _, records, _ = take(content, "events")
    assert (records[0]["name"], records[0]["anonymous"], records[0]["path"]) == ("scroll", "u1", "https://a.example/x")
    assert records[0]["occurred_at"].microsecond == 123456
    _, records, _ = take("user_id,day\nu1,2024-03-05\n", "events", mapping={"name": "=sign up"})
    assert records[0]["name"] == "sign up"


def test_items(take):
    _, records, bad = take(
        'sku,name,price,availability,category\na,Lamp,"1.234,50 €",in stock,Home\nb,Chair,"20,00 €",sold out,Home\nc,,"1,00 €",yes,\n',
        "items",
    )
    assert [(r["id"], r["title"], r["price"], r["available"]) for r in records] == [
        ("a", "Lamp", 1234.5, True),
        ("b", "Chair", 20.0, False),
    ]
    assert [b.reason for b in bad] == ["no title"]


def test_profiles_are_one_row_per_trait(take):
    plan, records, bad = take("customer_id,age,city,email\nc1,33,Rome,a@b.example\nc2,,Oslo,\n,1,Bern,\n", "profiles")
    assert [(r["person"], r["trait"], r["value"]) for r in records] == [
        ("c1", "age", "33"),
        ("c1", "city", "Rome"),
        ("c2", "city", "Oslo"),
    ]
    assert plan.left_out == ("email",)
    assert [(b.line, b.reason) for b in bad] == [(4, "no person")]
    long = take("user_id,trait,value\nc1,age,33\nc2,city,Oslo\n", "profiles")[1]
    assert [(r["person"], r["trait"], r["value"]) for r in long] == [("c1", "age", "33"), ("c2", "city", "Oslo")]


def test_consents(take):
    content = (
        "email,purpose,granted,date\na@b.example,marketing,yes,2024-01-01\nb@b.example,Personalization,opt-out,2024-01-02\n"
        "c@b.example,spying,yes,2024-01-03\nd@b.example,research,perhaps,2024-01-04\ne@b.example,research,,2024-01-04\n"
    )
    _, records, bad = take(content, "consents")
    assert [(r["person"], r["purpose"], r["granted"], r["basis"]) for r in records] == [
        ("a@b.example", "marketing", True, "consent"),
        ("b@b.example", "personalisation", False, "consent"),
    ]
    assert bad[0].reason == (
        "purpose 'spying' is not known; there are: service, insight, research, personalisation, marketing, security"
    )
    assert bad[1].reason == "granted 'perhaps' is neither yes nor no"
    assert bad[2].reason == "no granted"


def test_consents_with_a_column_per_purpose(take):
    _, records, bad = take("user_id,marketing,research,other\nu1,yes,no,x\nu2,1,,y\nu3,hm,true,z\n", "consents")
    assert [(r["person"], r["purpose"], r["granted"]) for r in records] == [
        ("u1", "marketing", True),
        ("u1", "research", False),
        ("u2", "marketing", True),
        ("u3", "research", True),
    ]
    assert [(b.line, b.reason) for b in bad] == [(4, "granted 'hm' is neither yes nor no")]


def test_the_sample_shows_three_records_and_rows_are_estimated(take):
    content = "id,text\n" + "".join(f"{n},message number {n} of a long file\n" for n in range(100_000))
    plan, records, _ = take(content)
    assert [row["id"] for row in plan.sample] == ["0", "1", "2"]
    assert len(records) == 100_000
    assert 80_000 < plan.rows < 120_000


def test_reading_again_gives_the_same_ids_whatever_the_size_of_blocks(take):
    content = "text,likes\n" + "".join(f"message {n % 50} here,{n % 3}\n" for n in range(500))
    first = [record["id"] for record in take(content)[1]]
    again = [record["id"] for record in take(content, rows=7)[1]]
    assert first == again
    assert len(set(first)) == 500


@pytest.mark.parametrize("name", ["Wer", "c3", "kontakt_x"])
@pytest.mark.parametrize(
    ("values", "what"),
    [
        (["ada@example.org", "Ben.B@shop.example.co.uk", "cleo+1@example.com"], "e-mail addresses"),
        (["+49 170 1234567", "0049-30-123456", "(030) 1234 567"], "phone numbers"),
        (["@ada_17", "@ben", "@cleo@mastodon.example"], "handles"),
    ],
)
def test_a_column_of_contacts_is_the_person_whatever_its_name(take, name, values, what):
    plan, records, _ = take(f"{name};words\n" + "".join(f"{value};{REVIEW}\n" for value in values))
    assert columns(plan)["person"] == name
    assert [record["person"] for record in records] == values
    assert any(what in note for note in plan.notes)


@pytest.mark.parametrize(
    "values", [["2026-11-01", "2026-11-02"], ["17012345", "17012346"], ["12.50", "-3.10"], ["ada", "ben"], ["", ""]]
)
def test_dates_numbers_and_words_are_no_contacts(take, values):
    plan, _, _ = take("c3;words\n" + "".join(f"{value};{REVIEW}\n" for value in values))
    assert "person" not in columns(plan)


def test_a_named_person_comes_before_contacts_and_e_mails_before_handles(take):
    plan, _, _ = take(f"a;customer_id;words\nada@example.org;k17;{REVIEW}\n")
    assert columns(plan)["person"] == "customer_id"
    plan, _, _ = take(f"a;b;words\n@ada;ada@example.org;{REVIEW}\n")
    assert columns(plan)["person"] == "b"


def test_contacts_of_a_survey_are_no_question(take):
    plan, _, _ = take("Wer;Food;Staff\nada@example.org;4;5\nben@example.org;3;4\n", table="answers")
    assert columns(plan)["person"] == "Wer"
    assert "Wer" not in plan.survey.questions
