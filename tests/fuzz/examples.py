"""Examples that fuzzing changes: all written for it."""
# ruff: noqa: E501

import gzip
import io
import json
import zipfile
from datetime import datetime
from functools import cache

TEXTS = tuple(
    text.encode()
    for text in (
        "The lamp came on Tuesday and it is lovely, thank you!",
        "Third parcel this month left out in the rain. Call me: +44 20 7946 0958 or (030) 901820, ext. 12",
        "write to jane.roe@mail.example, or jane (at) mail (dot) example, cc: o'neil@mail.example.com",
        "My name is Jane Roe and I live at 12 Long Street, Flat 3, Springfield, IL 62704.",
        "Kind regards,\nJane van der Roe\nHauptstraße 12, 10115 Berlin\nTel.: 030 / 901820-0",
        "card 4111 1111 1111 1111 exp 12/27, iban DE89 3704 0044 0532 0130 00, ssn 123-45-6789, ip 10.0.0.1 and fe80::1",
        "see https://shop.example/reset/a1b2c3d4e5f6g7h8i9?token=abc&mail=jane%40mail.example and www.shop.example/x",
        "@larkfield @anna@social.example #soSlow #TeamLamp sooooo bad :( :-/ 😡😡😡 !!! ???",
        "الخدمة سيئة جدا ولا أحد يرد على الهاتف ٠١٢٣٤٥٦٧٨٩ شكرا",
        "電話は03-1234-5678です。東京都千代田区丸の内1丁目2-3 とても良い。",
        "Der Ku\u0308hlschrank rauscht, e\u0301 e\u0323\u0302 ﬁne; I&#39;m &quot;fine&quot; &amp; you \\u00e9 \\ud83d\\ude00",
        "[email] wrote to @p_0123456789abcdef from [ip]; order #123456789, flight BA 2490, $1,234.50, 12:30-13:45, 20.11.2026",
        "+1 (555) 123-4567, 555.123.4567; 0049 30 901820 / 030-901821 and 901822\n555 123 4567 555 123 4568 555 123 4569",
        "Calle de Alcalá 45, 28014 Madrid; 12 bis rue de la Paix, 75002 Paris; ul. Długa 5/7, 00-238 Warszawa; PO Box 12",
        "Dear Mr Roe, this is Jane Roe calling. Thanks,\nJane Roe\n",
    )
)
IDENTIFIERS = tuple(
    text.encode()
    for text in (
        "Jane.Roe@Mail.Example",
        "+44 (20) 7946-0958",
        "@larkfield",
        "customer-0042",
        " 1234567 ",
        "İstanbul ﬀ ß",
    )
)
SEARCHES = tuple(
    text.encode()
    for text in (
        "late parcel\nThe parcel was late again.",
        '"late parcel" -refund deliver* OR slow\nDelivered late, no refund, so slow.',
        "#soslow @larkfield [email]\nso slow #soSlow @larkfield wrote to [email]",
        "カメラ 良い\nこのカメラはとても良いです。",
        'a b OR c -"d e" f* "g h\nc f fit d e g h',
        "😡 café CAFE\u0301\nDas Café 😡 war zu.",
    )
)
QUERIES = tuple(
    text.encode()
    for text in (
        'late (parcel OR "my lamp") -refund* NEAR/5f lamp\nMy lamp is late, the parcel too.',
        '(late OR p?rcel) NEAR/3 "so tired" AND NOT channel:(chat OR review)\nso tired of late parcels',
        'raw:"C++" author:p_0123456789abcdef #soslow @larkfield [email]\nC++ #soSlow @larkfield [email]',
        'rating:1..2 rating:<=3 lang:de site:news.example links:x.example/a brand:"Blue Door"\nhttps://x.example/a',
        'カメラ* NOT 良い "late 😡" café -(a OR (b c))\nこのカメラはとても良いです late 😡 CAFE\u0301',
    )
)
TIMES = tuple(
    text.encode()
    for text in (
        "2026-11-20T14:30:00Z\n2026-11-20 14:30\n2026-11-20",
        "2026-11-20T14:30:00.123456+01:00\n2026-11-20T14:30:00,5-0800",
        "11/20/2026 2:30 PM\n1/2/26 11:59:59 am\n12/31/1999",
        "20.11.2026 14:30\n31.12.1999\n29.02.2024 00:00:00",
        "Fri, 20 Nov 2026 14:30:00 +0100\nMon, 1 Jan 2001 00:00 GMT",
        "Fri Nov 20 14:30:00 +0000 2026\n20 Nov 2026\nNov 20, 2026 at 2:30 PM",
        "1795184200\n1795184200000\n1795184200000000",
        "46346\n46346.5\n1\n0",
        "Reviewed in Germany on 3rd Sept 2026\n20261120\n20261120T143000",
    )
)
CELLS = tuple(
    text.encode()
    for text in (
        "1,234.50\n1.234,50\n$5\n€ 1.000\n(12)\n45%\n10,000+\n-3\n1e5\n1'000\n12,34,567.8",
        "yes\nNo\ntrue\n0\nopt-out\nin stock\nnein\n否",
        '["a", "b"]\n[\'a\', \'b\']\n[{"text": "x"}]\na, b; c|d\n[]\n(1, 2)\n[[1], [2]]',
        "English\nen-US\nde_DE\nund\nsocial\nTwitter\nlive chat\nagent\nmarketing\nlegal obligation",
        "=1+1\n+49 30 901820\n-5\n@jane\n'=quoted\n''\n\t=1\nplain\n-1.5e3\n- no",
        "NA\nn/a\n-\nnull\n12.0\n007\n  x  ",
    )
)
PERIODS = tuple(
    text.encode()
    for text in (
        "2026-11-01\n2026-11-20T14:30\nEurope/Berlin\n2026-11-20",
        "30d\n12h\nUTC\n2026-11",
        "2026-03-29T02:30\n2026-10-25T02:30+01:00\nAsia/Kolkata\n2026-11-20T14:00+01:00",
        "2w\n\nPacific/Apia\n14",
        "0001-01-01\n9999-12-31\nAmerica/St_Johns\n2026-W47",
    )
)
ADDRESSES = tuple(
    text.encode()
    for text in ("late parcel\n30d\n2026-11-01\n2026-11", "2026-11-20T14:00+01:00\n14\nEurope/Berlin\n30",
                 "negative\nsocial\n60-0\n4", "all\n(none)\n2026-11-16\n123456789", "sentiment\nen\n80 to 100\n1")
)  # fmt: skip
QUESTIONS = tuple(
    text.encode()
    for text in (
        "volume\nchannel=social\nlanguage=en\nday,channel\n2026-11-01\n2026-11-20",
        "net_sentiment\nbrand=Larkfield\n\nweek\n30d\n",
        "events\nname=buy\nitem=\nhour,name\n12h\n",
        "reply_time\nhour_of_day=14\nweekday=1\nmonth\n\n",
        "volume\nmonth=2026-11\nday=2026-11-20\nrating,hashtag\n\n",
    )
)
SETTINGS = (
    b'[workspace]\nname = "Larkfield"\ntime_zone = "Europe/Berlin"\nlanguage = "de"\nsecret = "file:secret.key"\n\n'
    b'[privacy]\nsmallest_group = 5\n[privacy.basis]\nresearch = "consent"\n\n[server]\nhost = "127.0.0.1"\nport = 8400\n',
    b'[brands."Larkfield"]\nhandles = ["@larkfield"]\n[brands.Oakmere]\ncompetitor = true\n[intake]\nbody_bytes = 5_000_000\n'
    b"batch_records = 10_000\nbacklog_bytes = 2000000000\n[local]\nrole = 'analyst'\n",
    b'[[models]]\nreading = "sentiment"\nfolder = "."\nlanguages = ["fr", "it"]\nlabels = { LABEL_0 = "negative" }\n'
    b'[[models]]\nreading = "spam"\nfolder = "."\nlanguages = ["*"]\nthreshold = 0.7\n',
    b'# a remark\nkey.dotted = 1979-05-27T07:32:00Z\nlong = """\nlines\\\n  more"""\nnested = [[1, 2], {a = {b = 1}}]\n',
)  # fmt: skip
BODIES = (
    b'[{"id": "1", "text": "The lamp is lovely.", "channel": "review", "rating": 0.75, "person": "jane@mail.example", '
    b'"occurred_at": "2026-11-20T14:30:00Z", "attributes": {"a": 1, "b": null, "e-mail": "x"}, "brand": ["Larkfield"]}]',
    b'[{"id": "1", "text": "a"}, {"id": "2", "text": "", "title": "b"}, {"text": "c", "mentions": ["@x"], "likes": 3}]',
    b'{"name": "buy", "person": "p", "value": 9.5, "currency": "EUR", "path": "/lamps?x=1", "anonymous": "v1"}',
    b'[{"survey": "nps", "response": "r1", "question": "q", "value": 9, "choices": ["a", "b"], "text": "call 555-123-4567"}]',
    b'[{"id": "i1", "title": "A lamp", "price": 12.5, "available": true, "url": "https://shop.example/i1"}]',
    b'[{"person": "p", "trait": "plan", "value": "pro"}, {"person": "p", "purpose": "research", "granted": false}]',
    b'[{"text": "esc \\u00e9 \\ud83d\\ude00 \\" \\\\ \\/ \\n", "links": ["https://x.example"], "reach": 1e3}]',
)
TABLES_AS_TEXT = (
    b'id,text,user,rating,created_at\n1,The lamp is lovely,jane,5,2026-11-20 14:30\n2,"Late, again",ann,1,2026-11-21 09:00\n'
    b'3,"two\nlines",bob,3,2026-11-22\n',
    b"text\tchannel\tdate\nfine\ttwitter\t20.11.2026\nslow\tchat\t21.11.2026\n",
    b"Date;Review Text;Stars\n11/20/2026;sch\xf6n;4,5\n12/31/2026;gut;3,0\n",
    b"respondent,nps,why,q1 - a,q1 - b\nr1,9,lovely,a,\nr2,3,late,,b\nr3,7,ok,a,b\n",
    "\ufefftext,name,email\ngut,Jane,jane@mail.example\n".encode(),
    "text,when\nschön,2026-11-20\n".encode("utf-16"),
    b"customer,purpose,granted,date\nc1,marketing,yes,2026-11-20\nc2,research,no,2026-11-21\n",
    b"person,plan,city\nc1,pro,Berlin\nc2,free,Rome\n",
    b"sku,title,price,in stock\ns1,Lamp,$12.50,in stock\ns2,Table,1.200,sold out\n",
    b"# remark\nsep=,\nReport,,\n\na,b,c\n1,2,3\n",
)
JSON_LINES = (
    b'{"id": 1, "text": "fine", "user": {"name": "jane", "tags": ["a"]}, "created_at": "2026-11-20T14:30:00Z"}\n'
    b'{"id": 2, "text": "slow", "user": {"name": "ann"}, "stars": 1.5, "deep": {"a": {"b": {"c": null}}}}\n',
    b'{"event": "view", "ts": 1795184200, "props": {"item": "i1", "value": 3}}\n{"event": "buy", "ts": 1795184201}\n',
    b'{"text": "\\ud83d\\ude00 \\u0000 \\ud83d", "n": 123456789012345678901234567890, "f": 1e400}\n\n{"text": ""}\n',
)


@cache
def parquets() -> tuple[bytes, ...]:
    """Small Parquet files of many types, in several codings."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    at = datetime(2026, 11, 20, 14, 30)
    tables = (
        pa.table({"id": ["1", "2"], "text": ["fine", "slow"], "rating": [5, 1], "created_at": [at, None]}),
        pa.table(
            {"text": pa.array(["a", "b", "a"]).dictionary_encode(), "user": [{"name": "jane"}, None, {"name": "ann"}],
             "tags": [["x"], [], None], "b": [b"\xff", b"ok", None], "u": pa.array([1, 2**64 - 1, None], pa.uint64())}
        ),
    )  # fmt: skip
    made = []
    for table in tables:
        for compression in ("none", "snappy", "zstd"):
            out = io.BytesIO()
            pq.write_table(table, out, compression=compression, use_dictionary=compression != "none")
            made.append(out.getvalue())
    return tuple(made)


@cache
def workbooks() -> tuple[bytes, ...]:
    """Small workbooks, stored without compression so that changes reach their XML."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for row in (["id", "text", "when", "stars"], [1, "fine", datetime(2026, 11, 20), 4.5], [2, "slow", None, 1]):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    plain = io.BytesIO()
    with zipfile.ZipFile(out) as packed, zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as stored:
        for name in packed.namelist():
            stored.writestr(name, packed.read(name))
    return out.getvalue(), plain.getvalue(), plain.getvalue()


@cache
def workbook_parts() -> tuple[bytes, ...]:
    """Each part of a small workbook behind a line with its name."""
    with zipfile.ZipFile(io.BytesIO(workbooks()[0])) as book:
        return tuple(name.encode() + b"\n" + book.read(name) for name in book.namelist())


@cache
def packed() -> tuple[bytes, ...]:
    """Compressed tables, some cut, some of several members."""
    whole = [gzip.compress(table, 1, mtime=0) for table in TABLES_AS_TEXT]
    rows = [gzip.compress(lines, 0, mtime=0) for lines in JSON_LINES]
    return (*whole, *rows, whole[0] + whole[0], json.dumps({"text": "not packed"}).encode())
