"""Stories: copies fold whatever was done to them; what people say by themselves, and of other things, does not."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.insight.stories import NONE, fold, plain

PARCEL = "The parcel shop in Leeds sent my violin back to Norway without asking, three weeks before the concert"
OTHER = "Our radiator has been leaking since the plumber from your company repaired the valve on Tuesday"
COPIES = {
    "repost": f"RT @violinist: {PARCEL}",
    "repost, cut": f"RT @violinist: {PARCEL}"[:70] + "…",
    "quotation": f"“@violinist: {PARCEL}” unbelievable, and they call that service",
    "own words before": f"Please share!! RT @violinist: {PARCEL}",
    "quoted without a mark": f'"{PARCEL}" wow, just wow',
    "credit": f"{PARCEL} (via @violinist)",
    "link and handle": f"@newsdesk {PARCEL} https://example.org/x7",
    "capitals": PARCEL.upper() + "!!!",
    "faces": f"😡😡 {PARCEL} 🎻",
    "entities": PARCEL.replace(" and ", " &amp; ").replace("violin", "violin &#127931;"),
    "slips": PARCEL.replace("violin", "voilin").replace("asking", "askin").replace("weeks", "weekz"),
    "words": PARCEL.replace("sent", "shipped").replace("asking", "warning me"),
    "a sentence more": f"{PARCEL}. I have called four times.",
    "cut": PARCEL[:60] + "…",
    "cut, to be read on": PARCEL[:52] + "... read more: https://example.org/a",
    "beginning cut": "..." + PARCEL[30:],
    "name called": f"Ingrid, {PARCEL}",
}


@pytest.mark.parametrize("way", COPIES)
def test_a_copy_is_folded_into_its_story(way):
    assert fold([PARCEL, OTHER, COPIES[way]]).tolist() == [0, 1, 0]


def test_all_copies_together_are_one_story():
    assert set(fold([PARCEL, *COPIES.values(), OTHER]).tolist()) == {0, len(COPIES) + 1}


def test_the_story_is_that_of_the_first():
    assert fold([OTHER, COPIES["repost"], PARCEL]).tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    "said",
    [
        "thank you",
        "Thanks so much!",
        "thank you very much",
        "I am following you now",
        "what is going on here?",
        "ok 👍",
    ],
)
def test_what_many_say_by_themselves_is_no_story(said):
    assert fold([said, f"@shop {said}", said.upper()]).tolist() == [0, 1, 2]


def test_few_words_that_are_passed_on_are_the_story_of_the_first_who_said_them():
    texts = [
        "Our fleet's on fleek",
        "our fleet's on fleek!",
        "RT @air: Our fleet's on fleek",
        "“@air: Our fleet's on fleek” lol",
    ]
    assert fold(texts).tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Flight 123 to Boston is delayed by 2 hours, see an agent",
            "Flight 417 to Boston is delayed by 3 hours, see an agent",
        ),
        (
            "Your order 88-131 was sent today and arrives on Monday",
            "Your order 88-967 was sent today and arrives on Monday",
        ),
        ("We refunded 12.50 to your card ending in 4411 today", "We refunded 19.90 to your card ending in 7310 today"),
    ],
)
def test_one_template_about_other_numbers_is_another_story(one, other):
    assert fold([one, other]).tolist() == [0, 1]
    assert fold([one, f"RT @desk: {one}", other]).tolist() == [0, 0, 2]


def test_a_cut_number_is_no_other_number():
    text = "Nobody on the platform knew why the night train to Vienna was cancelled for the 1402 people"
    assert fold([text, text[:-9] + "…", f"{text} in the cold of 2019"]).tolist() == [0, 0, 0]


def test_campaigns_with_other_names_and_handles_are_one_story():
    names = ["Anna", "Boris", "Chloe", "Dmitri", "Esra", "Femi"]
    texts = [
        f"@mp{at} I am {name} and I ask you to vote against the new parking charge at the hospital 🙏"
        for at, name in enumerate(names)
    ]
    assert set(fold([*texts, OTHER]).tolist()) == {0, len(texts)}


def test_a_short_text_within_several_long_ones_does_not_glue_them():
    core = "the lift at Morden station is broken again"
    long = [
        f"{core} and the ticket machine swallowed my card while the guard looked on without saying a word",
        f"my mother waited forty minutes with a wheelchair because {core} so she missed her appointment in town",
        f"{core} which nobody would mind so much if the stairs were not being repainted at the very same time",
    ]
    found = fold([core, *long]).tolist()
    assert len({found[1], found[2], found[3]}) == 3, "three stories are not one because a short text stands in all"


def test_a_chain_of_changes_does_not_become_one_giant_story():
    """Each text shares three quarters with the next, and the first nothing with the last."""
    random_words = random.Random(3)
    letters = "bcdfghklmnprstvw"
    pool = ["".join(random_words.choice(letters) + random_words.choice("aeiou") for _ in range(3)) for _ in range(400)]
    chain = [" ".join(pool[at : at + 16]) for at in range(0, 320, 4)]
    found = fold(chain)
    sizes = np.bincount(found)
    assert sizes.max() <= 8
    assert found[0] != found[-1]


def test_empty_texts_have_no_story_and_signs_alone_are_their_own():
    assert fold(["", None, "  ", "👍", "👍", "https://example.org"]).tolist() == [NONE, NONE, NONE, 3, 4, 5]
    assert fold([]).tolist() == []


def test_scripts_without_spaces_are_folded_too():
    text = "新しいアプリはログインのたびに落ちるので昨日から注文を確認できません"
    assert fold(
        [text, f"RT @kaoru: {text}", "荷物がまだ届かないのに配達済みと表示されているのはなぜですか"]
    ).tolist() == [0, 0, 2]


@pytest.mark.parametrize(
    "text",
    [
        "新しいアプリはログインのたびに落ちるので昨日から注文を確認できません",
        "华为今天在深圳发布了新款折叠屏手机，售价高达两万元",
        "今天地铁又晚点了，大家都迟到了",
        "วันนี้บริษัทประกาศเปิดตัวโทรศัพท์รุ่นใหม่ราคาแพงมาก",
        "أعلنت الشركة اليوم عن إطلاق هاتف جديد بسعر مرتفع",
        "कंपनी ने आज बाजार में नया फोन लॉन्च किया जिसकी कीमत बहुत ज्यादा है",
        "회사는 오늘 한국 시장에 새로운 휴대폰을 출시했습니다",
    ],
)
def test_copies_in_any_script_are_folded_though_they_do_not_say_so(text):
    assert fold([text, f"{text}!", f"{text} https://t.co/abc", OTHER]).tolist() == [0, 0, 0, 3]


@pytest.mark.parametrize("said", ["ありがとうございました", "谢谢你们的帮助", "ขอบคุณมากครับ"])
def test_what_many_say_by_themselves_is_no_story_in_scripts_without_spaces(said):
    assert fold([said, f"{said}!"]).tolist() == [0, 1]


@given(
    st.lists(st.sampled_from([PARCEL, OTHER, *COPIES.values(), "thank you", "", "Flight 12 is late, see the desk"])),
    st.randoms(),
)
def test_another_order_gives_the_same_groups(texts, shuffled):
    order = list(range(len(texts)))
    shuffled.shuffle(order)
    one, other = fold(texts).tolist(), fold([texts[at] for at in order]).tolist()

    def groups(found, rows):
        return sorted(sorted(rows[at] for at, story in enumerate(found) if story == one) for one in set(found))

    known = [at for at, text in enumerate(texts) if text not in ("", "thank you")]
    kept = lambda found: [[at for at in group if at in known] for group in found]  # noqa: E731
    assert sorted(filter(None, kept(groups(one, list(range(len(texts))))))) == sorted(
        filter(None, kept(groups(other, order)))
    )


@given(st.lists(st.text(max_size=40), max_size=12))
def test_whatever_is_written_each_text_is_in_one_story(texts):
    found = fold(texts)
    there = [at for at, text in enumerate(texts) if text.strip()]
    assert all(found[at] == NONE for at in range(len(texts)) if at not in there)
    assert all(found[at] <= at and found[found[at]] == found[at] for at in there)


def test_a_campaign_of_thousands_of_variants_is_one_story():
    names = [f"{a}{b}" for a in "bdfgklmnprst" for b in "aeiou"]
    texts = [
        f"Dear {a}{b}, the swimming pool of Ashford must stay open, sign the petition before the council meets"
        for a in names
        for b in names
    ]
    assert set(fold(texts).tolist()) == {0}


def test_what_counts_of_a_text():
    assert plain("RT @a: It’s 2.5 hrs late &amp; cold… https://t.co/x") == (
        ("its", "25", "hrs", "late", "cold"),
        True,
        True,
    )
    assert plain("Nice! RT @a: who let the dogs out").words == ("who", "let", "the", "dogs", "out")
    assert plain("Thanks RT @a: ok").words == ("thanks", "ok")
