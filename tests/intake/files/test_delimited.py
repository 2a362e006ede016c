import gzip

import pytest

from heedful.errors import BadSettings
from heedful.intake.files import csv_rows


def texts(records):
    return [record["text"] for record in records]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(take, delimiter):
    rows = [["id", "text", "likes"], ["1", "Great, really", "3"], ["2", "Too slow; sadly", "0"], ["3", "A|B test", "1"]]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    plan, records, bad = take(text)
    assert plan.delimiter == delimiter
    assert plan.format == ("tsv" if delimiter == "\t" else "csv")
    assert texts(records) == ["Great, really", "Too slow; sadly", "A|B test"]
    assert [record["likes"] for record in records] == [3, 0, 1]
    assert not bad


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "windows-1252"),
    ],
)
def test_encoding_is_found(take, encoding, name):
    text = "id,text\n1,Der Käse schmeckt für 5 Cent größer\n2,Très déçu du café\n3,Señor “Olé” – bien\n"
    plan, records, bad = take(text, encoding=encoding)
    assert plan.encoding == name
    assert texts(records) == ["Der Käse schmeckt für 5 Cent größer", "Très déçu du café", "Señor “Olé” – bien"]
    assert not bad


def test_latin_letters_late_in_a_long_file_are_found(take):
    plain = "".join(f"{n},a plain sentence to fill the file\n" for n in range(60_000))
    plan, records, bad = take(f"id,text\n{plain}60000,schön\n".encode("latin-1"))
    assert plan.encoding == "windows-1252"
    assert texts(records)[-1] == "schön"
    assert len(records) == 60_001
    assert not bad


def test_line_breaks_inside_quotes_stay(take):
    _, records, bad = take('id,text\n1,"first line\nsecond line"\n2,"he said ""no"""\r\n3,plain\n')
    assert texts(records) == ["first line\nsecond line", 'he said "no"', "plain"]
    assert not bad


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(take, newline):
    _, records, bad = take(newline.join(["id,text", "1,one thing", "2,two things", ""]))
    assert texts(records) == ["one thing", "two things"]
    assert not bad


def test_ragged_rows_are_set_aside_with_line_and_text(take):
    _, records, bad = take('id,text,likes\n1,good,2\n2,too,many,cells\n3,"fine\nstill",4\n5,few\n6,last,1\n')
    assert texts(records) == ["good", "fine\nstill", "last"]
    assert [(b.line, b.raw) for b in bad] == [(3, "2,too,many,cells"), (6, "5,few")]
    assert bad[0].reason == "4 cells where the file has 3 columns"


def test_rows_with_wrong_bytes_are_set_aside_alone(take):
    _, records, bad = take("id,text\n1,schön\n2,gr\udcffu\udcfen\n3,nett öder\n".encode("utf-8", "surrogateescape"))
    assert texts(records) == ["schön", "nett öder"]
    assert [(b.line, b.raw) for b in bad] == [(3, "2,gr\\xffu\\xfen")]
    assert "UTF-8" in bad[0].reason


def test_a_quote_that_is_never_closed_costs_its_own_line(take):
    _, records, bad = take('id,text\n1,good\n2,"never closed\n3,fine\n4,"closed, here"\n5,end\n')
    assert texts(records) == ["good", "fine", "closed, here", "end"]
    assert [(b.line, b.raw) for b in bad] == [(3, '2,"never closed')]


def test_quotes_in_the_middle_of_a_cell_are_letters(take):
    _, records, bad = take('id,text\n1,a 5" pipe\n2,"a 6"" pipe"\n3,say "hi" now\n')
    assert texts(records) == ['a 5" pipe', 'a 6" pipe', 'say "hi" now']
    assert not bad


def test_bad_lines_are_counted_over_blocks(take, monkeypatch):
    monkeypatch.setattr("heedful.intake.files.delimited.CHUNK", 1 << 12)
    good = "".join(f'{n},"text number {n}\nwith two lines"\n' for n in range(5_000))
    _, records, bad = take(f"id,text\n{good}x,y,z\n")
    assert len(records) == 5_000
    assert [b.line for b in bad] == [10_002]


def test_a_table_without_header_gets_numbered_columns(take):
    plan, records, _ = take("1,2015-02-24,the first message here\n2,2015-02-25,another message here\n")
    assert plan.columns == ("column_1", "column_2", "column_3")
    assert any("column_1" in note for note in plan.notes)
    assert texts(records) == ["the first message here", "another message here"]
    assert records[0]["occurred_at"].isoformat() == "2015-02-24T00:00:00+00:00"


def test_a_list_of_sentences_is_one_column_without_header(take):
    plan, records, bad = take("I love this, really.\nNot so good today\nFine, thanks, bye\nSlow\n", name="lines.txt")
    assert plan.columns == ("column_1",)
    assert texts(records) == ["I love this, really.", "Not so good today", "Fine, thanks, bye", "Slow"]
    assert not bad


def test_names_that_repeat_or_lack(take):
    plan, records, _ = take("id,text,tag,tag,\n1,good day,a,b,c\n")
    assert plan.columns == ("id", "text", "tag", "tag_2", "column_5")
    assert records[0]["attributes"] == {"tag": "a", "tag_2": "b", "column_5": "c"}


def test_lines_above_the_table_are_left_out(take):
    plan, records, bad = take("# ------\n# All web data\n\nsep=;\nid;text\n1;good day\n2;bad day\nx;y;z\n")
    assert texts(records) == ["good day", "bad day"]
    assert plan.layout.skip == 4
    assert [b.line for b in bad] == [8]


def test_blank_lines_are_no_rows(take):
    _, records, bad = take("id,text\n\n1,good day\n\n\n2,bad day\n,,\n")
    assert texts(records) == ["good day", "bad day"]
    assert [b.line for b in bad] == [7]


def test_gzip(take):
    plan, records, _ = take(gzip.compress(b"id\ttext\n1\tgood day\n"), name="may.tsv.gz")
    assert (plan.format, plan.compression) == ("tsv", "gzip")
    assert plan.guessed_source == "may"
    assert texts(records) == ["good day"]


def test_a_gzip_file_that_is_cut_off_says_so(take):
    whole = gzip.compress("".join(f"{n},text {n * 7919}\n" for n in range(5_000)).encode())
    with pytest.raises(BadSettings, match="cut off"):
        take(b"" + whole[: len(whole) // 2], name="sample.csv.gz")


def test_a_row_without_end_does_not_fill_memory(take, monkeypatch):
    monkeypatch.setattr("heedful.intake.files.delimited.LONGEST", 1 << 22)
    content = "id,text\n1,good day\n2," + "x" * (9 << 20) + "\n3,fine day\n"
    _, records, bad = take(content)
    assert texts(records)[0] == "good day"
    assert texts(records)[-1] == "fine day"
    assert any("longer" in b.reason for b in bad)


def test_split_keeps_what_is_not_whole():
    cut = csv_rows.split(b'a,b\n1,"x\ny"\n2,"un', b",", 2, final=False)
    assert cut.rows == [b"a,b", b'1,"x\ny"']
    assert list(cut.starts) == [0, 1]
    assert cut.used == len(b'a,b\n1,"x\ny"\n')


def test_cells():
    assert csv_rows.cells(b'1,"a,""b""",,x"y\r', b",") == ["1", 'a,"b"', "", 'x"y']
    assert csv_rows.width(b'"a|b"|c', b"|") == 2


def test_hostile_quotes_take_linear_time():
    row = b'"' * 200_001 + b',""' * 50_000
    csv_rows.split(row + b"\n", b",", 2, final=True)
