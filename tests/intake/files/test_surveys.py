# ruff: noqa: E501
def said(records):
    return [(r["response"], r["question"], r["value"], r["choices"], r["text"]) for r in records]


def test_wide_answers_by_kind(take):
    rows = "".join(
        f"{n},{n % 5 + 1},{'Yes' if n % 2 else 'No'},I came here because of reason {n},0.5\n" for n in range(1, 41)
    )
    plan, records, bad = take("RespondentID,Q1,Member?,Why did you come?,weight\n" + rows, "answers", name="visit.csv")
    assert plan.survey.form == "wide"
    assert dict(plan.survey.questions) == {"Q1": "number", "Member?": "choice", "Why did you come?": "text"}
    assert said(records)[:3] == [
        ("1", "Q1", 2.0, None, None),
        ("1", "Member?", None, ["Yes"], None),
        ("1", "Why did you come?", None, None, "I came here because of reason 1"),
    ]
    assert len(records) == 120
    assert len({record["id"] for record in records}) == 120
    assert {record["weight"] for record in records} == {0.5}
    assert {record["survey"] for record in records} == {"visit"}
    assert not bad


def test_second_header_rows_are_labels(take):
    content = (
        "Respondent ID,Which did you see? Select all that apply.,,,Rate these,,Gender,Comments\n"
        ",Film A,Film B,Film C,Plot,Music,Response,Open-Ended Response\n"
        "11,Film A,,Film C,3,4,Male,nice\n12,,,,1,,Female,\n13,,Film B,,2,2,,\n"
    )
    plan, records, _ = take(content, "answers", name="films.csv")
    assert plan.layout.labels == 1
    assert said(records) == [
        ("11", "Which did you see? Select all that apply.", None, ["Film A", "Film C"], None),
        ("11", "Rate these - Plot", 3.0, None, None),
        ("11", "Rate these - Music", 4.0, None, None),
        ("11", "Gender", None, ["Male"], None),
        ("11", "Comments", None, ["nice"], None),
        ("12", "Rate these - Plot", 1.0, None, None),
        ("12", "Gender", None, ["Female"], None),
        ("13", "Which did you see? Select all that apply.", None, ["Film B"], None),
        ("13", "Rate these - Plot", 2.0, None, None),
        ("13", "Rate these - Music", 2.0, None, None),
    ]


def test_three_header_rows_of_an_export_for_analysts(take):
    content = (
        "StartDate,RecordedDate,IPAddress,ResponseId,Q1,Q2\n"
        "Start Date,Recorded Date,IP Address,Response ID,How satisfied are you with us?,What could we do better?\n"
        '"{""ImportId"":""startDate""}","{""ImportId"":""recordedDate""}","{""ImportId"":""ip""}","{""ImportId"":""_recordId""}",'
        '"{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"\n'
        "2024-03-05 10:00:00,2024-03-05 10:04:00,10.0.0.1,R_1,7,Answer the phone\n"
        "2024-03-06 10:00:00,2024-03-06 10:04:00,10.0.0.2,R_2,9,\n"
    )
    plan, records, bad = take(content, "answers")
    assert plan.layout.labels == 2
    assert said(records)[0] == ("R_1", "How satisfied are you with us?", 7.0, None, None)
    assert len(records) == 3
    assert records[0]["occurred_at"].minute == 4
    assert records[0]["attributes"] == {"StartDate": "2024-03-05 10:00:00"}
    assert plan.left_out == ("IPAddress",)
    assert not bad


def test_several_choices_in_one_cell(take):
    cells = ["Red;Blue", "Blue", "Green;Red", "Red;Green;Blue", "Green", "Blue;Red", "Blue;Green"]
    rows = "".join(f"{n},{cell}\n" for n, cell in enumerate(cells))
    _, records, _ = take("response_id,Which colours?\n" + rows, "answers")
    assert records[0]["choices"] == ["Red", "Blue"]
    assert records[1]["choices"] == ["Blue"]


def test_labels_with_a_comma_are_one_choice(take):
    rows = "".join(f'{n},"{"No, not at all" if n % 2 else "Yes, very"}"\n' for n in range(20))
    _, records, _ = take("response_id,Is it rude?\n" + rows, "answers")
    assert records[0]["choices"] == ["Yes, very"]


def test_ticks_as_one_and_nothing(take):
    content = "response_id,Pets? Select all that apply - Cat,Pets? Select all that apply - Dog\na,1,\nb,1,1\nc,,\n"
    _, records, _ = take(content, "answers")
    assert said(records) == [
        ("a", "Pets? Select all that apply", None, ["Cat"], None),
        ("b", "Pets? Select all that apply", None, ["Cat", "Dog"], None),
    ]


def test_long_answers(take):
    content = (
        "respondent_id,question,answer,date\nr1,NPS,9,2024-03-05\nr1,Why?,because it works,2024-03-05\nr2,NPS,3,2024-03-06\n"
        "r2,Pets,Cat,2024-03-06\nr2,Pets,Dog,2024-03-06\nr3,NPS,,2024-03-06\n,NPS,1,2024-03-06\nr4,Why?,I had no time to wait,2024-03-06\n"
    )
    plan, records, bad = take(content, "answers")
    assert plan.survey.form == "long"
    assert said(records) == [
        ("r1", "NPS", 9.0, None, None),
        ("r1", "Why?", None, ["because it works"], None),
        ("r2", "NPS", 3.0, None, None),
        ("r2", "Pets", None, ["Cat"], None),
        ("r2", "Pets", None, ["Dog"], None),
        ("r4", "Why?", None, ["I had no time to wait"], None),
    ]
    assert len({record["id"] for record in records}) == 6
    assert [(b.line, b.reason) for b in bad] == [(8, "no response")]


def test_forms_without_a_number_are_told_apart_by_their_row(take):
    plan, records, _ = take("Q1,Q2\n1,Yes\n1,Yes\n2,No\n", "answers")
    assert len({record["response"] for record in records}) == 3
    assert any("--map response=" in note for note in plan.notes)


def test_no_can_be_an_option(take):
    content = "response_id,Which? Select all that apply - No,Which? Select all that apply - Cat\na,No,\nb,,Cat\nc,,\n"
    _, records, _ = take(content, "answers")
    assert [(r["response"], r["choices"]) for r in records] == [("a", ["No"]), ("b", ["Cat"])]
