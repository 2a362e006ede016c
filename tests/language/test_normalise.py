"""What the encoder gets to see of a text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.language.normalise import normalise

WORDS = frozenset("so good cool yes no hello hmm love thank you best service ever".split())


def seen(text: str) -> list[str]:
    return normalise(text, WORDS.__contains__).split()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("😂😂😂 ok", "tears joy ok"),
        ("👍🏽 👍🏿", "thumbs up"),
        ("I ❤️ it", "I heart it"),
        ("🇺🇸 wins", "flag wins"),
        ("fine :) thanks", "fine smiling thanks"),
        ("bad :-(", "bad frowning"),
        ("<3 you", "heart you"),
        ("soooo goooood", "so good"),
        ("cooool, yesss", "cool, yes"),
        ("helloooo", "hello"),
        ("#BestServiceEver", "Best Service Ever"),
        ("#fail2024", "fail 2024"),
        ("#thank_you", "thank you"),
        ("see https://t.co/abc?x=1 now", "see http now"),
        ("see WWW.EXAMPLE.COM now", "see http now"),
        ("@anna @bob_1 hi", "@ hi"),
        ("@p_0123456789abcdef hi", "@ hi"),
        (".@shop why", "@ why"),
        ("write to [email] or [phone]", "write to email or phone"),
        ("[NAME] did it", "name did it"),
        ("a &amp; b &lt;3", "a & b heart"),
        (r"it\u2019s fine", "it's fine"),
        (r"\ud83d\ude02", "tears joy"),
        ("don’t", "don't"),
        ("what?!?!?!?!?!", "what?!?!"),
        ("no!!!!!!", "no!!"),
        ("ｆｕｌｌ", "full"),
        ("at 10:30 on 3/4", "at 10:30 on 3/4"),
        ("3 < 4 (really)", "3 < 4 (really)"),
        ("e-mail me", "e-mail me"),
        ("price: 100/200", "price: 100/200"),
    ],
)
def test_signs_become_words_that_the_encoder_knows(text, words):
    assert seen(text) == words.split()


@pytest.mark.parametrize("text", ["Plain words stay as they are.", "Is 24/7 support included?", "Zoë paid 12.50 €"])
def test_plain_text_stays(text):
    assert normalise(text, WORDS.__contains__) == text


def test_half_a_character_does_no_harm():
    normalise(r"cut off \ud83d", WORDS.__contains__).encode()


@given(st.text(max_size=300))
def test_it_never_fails_and_stays_text(text):
    normalise(text, WORDS.__contains__).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    "sign", ["a", "ab", "😂 ", "@", "#a", " :(", "&amp;", "!?", "[", "\\ud83d", "w.", "_", "😂\u200d"]
)
def test_long_runs_of_a_sign_cost_little(sign):
    text = sign * (12_000 // len(sign))
    began = time.process_time()
    normalise(text, WORDS.__contains__)
    assert time.process_time() - began < 0.5
