"""Known answers: marked sentences of many countries, sentences that must stay, and odd ways of writing."""

import importlib.util
from pathlib import Path

import pytest

from heedful.errors import Bug
from heedful.privacy.redact import KINDS, PLACEHOLDER, Span, find, redact

_spec = importlib.util.spec_from_file_location("redact_cases", Path(__file__).parent / "cases.py")
assert _spec is not None
assert _spec.loader is not None
cases = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(cases)

COUNTRIES = cases.countries()


def seen(text: str, *, handles: bool = False) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in find([text], handles=handles)[0]]


@pytest.mark.parametrize("country", COUNTRIES)
def test_details_are_found_where_they_stand(country: str) -> None:
    for line in COUNTRIES[country]:
        text, marked = cases.unmark(line)
        assert [(span.kind, span.start, span.end) for span in find([text])[0]] == marked, text


def test_there_are_enough_countries_and_every_kind() -> None:
    assert len(COUNTRIES) >= 25
    kinds = {kind for lines in COUNTRIES.values() for line in lines for kind, _, _ in cases.unmark(line)[1]}
    assert kinds == set(KINDS) - {"handle"}


@pytest.mark.parametrize("text", cases.stays())
def test_what_is_not_personal_stays(text: str) -> None:
    assert redact([text]) == [text]


def test_a_placeholder_stands_for_each_detail() -> None:
    text = "I'm at pat@example.com or 07700 900123, card 4111 1111 1111 1111."
    assert redact([text, None, ""]) == ["I'm at [email] or [phone], card [card].", None, ""]


def test_placeholders_are_reported_as_their_kind() -> None:
    text = "[email] or [phone], says @p_0123456789abcdef, not [this] or @p_12"
    assert find([text])[0] == [
        Span("email", 0, 7, 1.0),
        Span("phone", 11, 18, 1.0),
        Span("handle", 25, 44, 1.0),
    ]
    assert all(PLACEHOLDER.fullmatch(f"[{kind}]") for kind in KINDS)
    assert PLACEHOLDER.fullmatch("@p_0123456789abcdef")
    assert not PLACEHOLDER.search("[Phone] [other] @p_0123456789ABCDEF x@p_0123456789abcdef")


def test_handles_only_on_request() -> None:
    text = "@anna thanks, and @Bob_2 too. mail c@example.com"
    assert seen(text) == [("email", "c@example.com")]
    assert seen(text, handles=True) == [("handle", "@anna"), ("handle", "@Bob_2"), ("email", "c@example.com")]


def test_handles_become_what_the_caller_says() -> None:
    def name(handle: str) -> str | None:
        return None if handle == "brand" else "@p_00000000000000ff"

    text = "@brand ask @anna or @bob@social.example"
    once = redact([text], handle=name)
    assert once == ["@brand ask @p_00000000000000ff or @p_00000000000000ff"]
    assert redact(once, handle=name) == once


def test_a_handle_becomes_a_placeholder_or_stays() -> None:
    with pytest.raises(Bug, match="@ax"):
        redact(["hi @a"], handle=lambda handle: f"@{handle}x")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("tel:+442079460018", ["phone"]),
        ("https://wa.me/442079460018", ["url"]),
        ("https://example.com/?phone=2079460018&x=1", ["url"]),
        ("mailto:pat@example.com?subject=hi", ["email"]),
        ("https://example.com/a/4111111111111111", []),
        ("https://example.com/login?sessionid=abc123", ["url"]),
        ("https://example.com/reset/a81bc81b-dead-4e5d-abff-90865d1e13b1", ["url"]),
        ("https://api.example.com/x?sig=3d5f&expires=1", ["url"]),
        ("https://example.com/?utm_source=mail&page=2", []),
        ("https://example.com/news/2015/02/24/a-story-about-tokens", []),
        ("{'phone': '5551234567'}", ["phone"]),
        ("phone=212-555-0143;mail=pat@example.com", ["phone", "email"]),
        ("2125550143", ["phone"]),
        ("82736451", []),
        ("\t+44 7700 900123\n", ["phone"]),
        ("GB82WEST12345698765432", ["iban"]),
        ("gb82 west 1234 5698 7654 32", ["iban"]),
        ("GB83WEST12345698765432", []),
        ("my iban is GB83WEST12345698765432", ["iban"]),
        ("000-12-3456 and 666-12-3456 and 912-12-3456", []),
        ("my SSN is 123456789", ["ssn"]),
        ("4111111111111112", []),
        ("my card is 4111111111111112", ["card"]),
        ("order 4111111111111111", []),
        ("501800000009", ["card"]),
        ("999.1.1.1 and 1.2.3", []),
        ("fe80::1ff:fe23:4567:890a%eth0", ["ip"]),
        ("::1", []),
        ("thanks@airline.Great", []),
        ("PAT@EXAMPLE.COM", ["email"]),
        ("jürgen@müller.de", ["email"]),
        ("pat[at]example[dot]org", ["email"]),
        ("@ @@ a@ @b a@b", []),
        ("call 416-555-0123 or 416-555-0187", ["phone", "phone"]),
        ("numbers: 07700 900123/07700 900456", ["phone", "phone"]),
        ("call me about order 12345678", []),
        ("I called about my order. 212-555-0143", ["phone"]),
        ("5️⃣5️⃣5️⃣ 1️⃣2️⃣3️⃣ 4️⃣5️⃣6️⃣7️⃣", ["phone"]),
        ("phone ٠٧٧٠٠ ٩٠٠١٢٣", ["phone"]),
        ("tel 212–555–0143", ["phone"]),
        ("Unit 4521 Box 3321, DPO AP 96347", ["address"]),
        ("my address is 12 High Street", ["address"]),
    ],
)
def test_single_cases(text: str, kinds: list[str]) -> None:
    assert [kind for kind, _ in seen(text)] == kinds


def test_offsets_count_characters_of_the_given_text() -> None:
    text = "😀\u200b call \u200b+44\u200b 7700 900123\u200b!"
    (span,) = find([text])[0]
    assert text[span.start : span.end] == "+44\u200b 7700 900123"
