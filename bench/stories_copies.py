"""Real messages with copies of known origin: reposts, quotes, edits, truncations, syndicated text and campaigns.

Messages are tweets to six airlines and of customer care on Twitter. Those in which a number was chosen (`CHOICE`) and
those that are reported on (`REPORT`) are different messages, and their copies are made with other numbers, other words
around them and, of the report, further ways. Messages that are real copies of one another, word by word and of six
words or more, count as one story; nearly equal real messages (half their words) are left out, because nobody knows.
What must not be glued is in both: every short common sentence as often as different customers wrote it, replies of
companies, and replies made from one template about different things.
"""

import html
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

DATA = Path(os.environ.get("HEEDFUL_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
LONG_ENOUGH = 6
"""Words of a message that is copied here; of shorter ones only marked reposts are made."""
Random = np.random.Generator


@dataclass(frozen=True)
class Numbers:
    """How strongly copies are changed: ranges of counts, and of what is kept of a text."""

    typos: tuple[int, int]
    dropped: tuple[int, int]
    replaced: tuple[int, int]
    kept: tuple[float, float]
    own: tuple[str, ...]
    marks: tuple[str, ...]
    ends: tuple[str, ...]
    ways: tuple[str, ...]


CHOICE = Numbers(
    typos=(1, 3),
    dropped=(1, 2),
    replaced=(1, 2),
    kept=(0.55, 0.85),
    own=(
        "So true!",
        "This.",
        "wow",
        "Can't believe it",
        "look at this, mum",
        "same here today",
        "LOL 😂",
        "agreed 100%",
    ),
    marks=("RT @{who}: {text}", "RT @{who} {text}", "“@{who}: {text}”", "{text} via @{who}", '"{text}" - @{who}'),
    ends=("…", "...", "… {link}", "... read more: {link}"),
    ways=("repost", "quote", "typos", "words", "truncated", "swapped", "plain", "sentence"),
)
REPORT = Numbers(
    typos=(1, 4),
    dropped=(1, 3),
    replaced=(1, 3),
    kept=(0.45, 0.9),
    own=(
        "Exactly what I said yesterday",
        "smh",
        "Yikes.",
        "and they wonder why people leave",
        "👏👏👏",
        "my sister had the very same thing happen",
        "Anyone else?",
        "ok this is too good",
    ),
    marks=(
        "RT @{who}: {text}",
        "MT @{who}: {text}",
        "{text} (via @{who})",
        "HT @{who} {text}",
        "“{text}” @{who}",
        "rt @{who} : {text}",
    ),
    ends=("…", " ...", "…{link}", " […] {link}", "... (continued) {link}", ""),
    ways=("repost", "quote", "typos", "words", "truncated", "swapped", "plain", "sentence", "shouted", "tail", "mixed"),
)
PASSED_ROUND = "fleet's on fleek"
"""An airline's post that 140 customers quoted: real copies, though of fewer words."""
TEMPLATES = (
    "Hi {name}, we're sorry your flight {n} to {city} is delayed by {m} minutes. Please see an agent at gate {g}.",
    "Thanks for reaching out {name}! Your claim {n} was received and will be answered within {m} days. ^{i}",
    "Hello, bag {n} has arrived in {city} and will be delivered before {m} pm. -{i}",
    "We have rebooked you on flight {n} from {city}, departing {m} minutes later than planned. ^{i}",
    "Flight {n} is now boarding at gate {g}, estimated departure {m} minutes late.",
)
NAMES = "Ann Bob Carla Dev Elif Femi Greta Hugo Ines Jamal Kim Lars Mona Nuno Olga Priya".split()
CITIES = "Boston Denver Dallas Newark Tampa Austin Seattle Chicago Memphis Oakland Phoenix Reno".split()
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
MASKED = re.compile(r"(?:https?:|www\.)\S*|@\w+", re.IGNORECASE)


def messages() -> list[str]:
    """Every message of both sets, each post once."""
    found: dict[str, str] = {}
    for name in ("airline_tweets", "twcs_sample"):
        for row in pq.read_table(DATA / name / "all.parquet", columns=["tweet_id", "text"]).to_pylist():
            if row["text"]:
                found.setdefault(f"{name} {row['tweet_id']}", row["text"])
    return list(found.values())


def bare(text: str) -> list[str]:
    """The words of a text without addresses and handles."""
    return WORD.findall(MASKED.sub(" ", html.unescape(text)).casefold())


def halves(seed: int = 7) -> tuple[list[str], list[str]]:
    """The messages to choose on and those to report on, without real ones that are nearly equal."""
    texts = [text for text in messages() if bare(text)]
    order = np.random.default_rng(seed).permutation(len(texts))
    texts = [texts[at] for at in order]
    unsure = _nearly_equal(texts)
    texts = [text for at, text in enumerate(texts) if at not in unsure]
    return texts[: len(texts) // 2], texts[len(texts) // 2 :]


def _nearly_equal(texts: Sequence[str]) -> set[int]:
    """Messages of which another one, not equal, has half of the words (Jaccard of sets of at least six)."""
    from scipy.sparse import csr_array

    sets = [frozenset(bare(text)) for text in texts]
    number: dict[str, int] = {}
    cells = [(at, number.setdefault(word, len(number))) for at, words in enumerate(sets) for word in sorted(words)]
    row, column = np.array(cells).T
    bears = csr_array((np.ones(len(cells), np.float32), (row, column)), (len(sets), len(number)))
    size = np.array([len(words) for words in sets])
    found: set[int] = set()
    for start in range(0, len(sets), 500):
        both = (bears[start : start + 500] @ bears.T).toarray()
        alike = both >= 0.5 * (size[start : start + 500, None] + size - both)
        alike &= both < np.maximum(size[start : start + 500, None], size)
        alike &= np.minimum(size[start : start + 500, None], size) >= LONG_ENOUGH
        found.update((start + np.flatnonzero(alike.any(axis=1))).tolist())
    return found


def labelled(texts: Sequence[str], numbers: Numbers, seed: int) -> tuple[list[str], list[int], list[str]]:
    """Rows in an order drawn by lot: their texts, which story each is of, and how it was made."""
    random = np.random.default_rng(seed)
    rows: list[tuple[str, int, str]] = []
    known: dict[str | int, int] = {}
    for at, text in enumerate(texts):
        words = bare(text)
        key = PASSED_ROUND if PASSED_ROUND in text.casefold() else " ".join(words) if len(words) >= LONG_ENOUGH else at
        story = known.setdefault(key, at)
        rows.append((text, story, "real"))
        if random.random() < 0.35:
            rows += [(copy, story, way) for copy, way in _copies(random, text, len(words), texts, numbers)]
    story = len(texts)
    for template in TEMPLATES:
        for _ in range(60):
            rows.append((_filled(random, template), story, "template"))
            story += 1
    order = random.permutation(len(rows))
    texts, stories, ways = zip(*(rows[at] for at in order), strict=True)
    return list(texts), list(stories), list(ways)


def _copies(random: Random, text: str, size: int, others: Sequence[str], numbers: Numbers) -> list[tuple[str, str]]:
    if size < LONG_ENOUGH:
        return [(_marked(random, text, numbers), "short repost")] if size >= 3 and random.random() < 0.3 else []
    count = int(random.integers(15, 40)) if random.random() < 0.01 else 1 + int(random.geometric(0.45))
    made: list[tuple[str, str]] = []
    for _ in range(count):
        again = made and random.random() < 0.2
        origin = made[random.integers(len(made))][0] if again else text
        if len(bare(origin)) < LONG_ENOUGH:
            origin = text
        way = numbers.ways[random.integers(len(numbers.ways))]
        made.append((WAYS[way](random, origin, others, numbers), way))
    return made


def _marked(random: Random, text: str, numbers: Numbers) -> str:
    return str(random.choice(list(numbers.marks))).format(who=_handle(random), text=text)


def _handle(random: Random) -> str:
    return "".join(random.choice(list("abcdefghiklmnoprstu_23"), 8))


def _link(random: Random) -> str:
    return "http://t.co/" + "".join(random.choice(list("abcdefghijklmnopqrstuvwxyzABCDEFGH0123456789"), 10))


def repost(random: Random, text: str, _: Sequence[str], numbers: Numbers) -> str:
    """Marked as a repost, and cut where a tweet ends, more often than not."""
    made = _marked(random, text, numbers)
    return made[:139] + "…" if len(made) > 140 and random.random() < 0.6 else made


def quote(random: Random, text: str, _: Sequence[str], numbers: Numbers) -> str:
    """A few own words, before or after, and a mark or none."""
    own = str(random.choice(list(numbers.own)))
    body = _marked(random, text, numbers) if random.random() < 0.6 else f'"{text}"'
    return f"{own} {body}" if random.random() < 0.6 else f"{body} {own}"


def typos(random: Random, text: str, _: Sequence[str], numbers: Numbers) -> str:
    """Letters left out, doubled, changed or exchanged."""
    signs = list(text)
    places = [at for at in range(1, len(signs) - 1) if signs[at].isalpha()]
    for at in random.choice(
        places, min(len(places), int(random.integers(*numbers.typos, endpoint=True))), replace=False
    ):
        kind = random.integers(4)
        if kind == 0:
            signs[at] = ""
        elif kind == 1:
            signs[at] *= 2
        elif kind == 2:
            signs[at] = str(random.choice(list("aeiourstln")))
        else:
            signs[at], signs[at + 1] = signs[at + 1], signs[at]
    return "".join(signs)


def words(random: Random, text: str, others: Sequence[str], numbers: Numbers) -> str:
    """Some words left out, and some replaced by those of another message; handles and numbers stay."""
    parts = text.split(" ")
    places = [at for at, part in enumerate(parts) if part.isalpha()]
    random.shuffle(places)
    dropped = int(random.integers(*numbers.dropped, endpoint=True))
    replaced = int(random.integers(*numbers.replaced, endpoint=True))
    new = [word for word in others[random.integers(len(others))].split() if word.isalpha()] or ["really"]
    for at in places[: min(dropped, len(places) // 5)]:
        parts[at] = ""
    for at in places[dropped : dropped + min(replaced, len(places) // 5)]:
        parts[at] = str(random.choice(new))
    return " ".join(part for part in parts if part)


def truncated(random: Random, text: str, _: Sequence[str], numbers: Numbers) -> str:
    """Cut, within a word or not, and at least five words left."""
    share = random.uniform(*numbers.kept)
    cut = max(int(len(text) * share), next(iter([m.end() for m in WORD.finditer(text)][LONG_ENOUGH:]), len(text)))
    body = text[:cut] if random.random() < 0.5 else text[:cut].rsplit(" ", 1)[0]
    return body + str(random.choice(list(numbers.ends))).format(link=_link(random))


def swapped(random: Random, text: str, *_: object) -> str:
    """A campaign's copy: other handles, links and faces, and a name called."""
    made = re.sub(r"@\w+", lambda _: "@" + _handle(random), re.sub(r"https?:\S+", lambda _: _link(random), text))
    made += " " + "".join(random.choice(list("😂🔥👏😡✈️💙🙏"), int(random.integers(0, 4))))
    if random.random() < 0.3:
        made = f"{random.choice(NAMES)}, {made}"
    return made + f" @{_handle(random)}" * int(random.integers(0, 3))


def plain(random: Random, text: str, *_: object) -> str:
    """As it is, or in other capitals, signs and spaces."""
    kind = random.integers(4)
    if kind == 0:
        return text.lower()
    if kind == 1:
        return re.sub(r"[.,!?;:'’\"]", "", text)
    return text.replace(" ", "  ") + "!!" if kind == 2 else text


def sentence(random: Random, text: str, others: Sequence[str], *_: object) -> str:
    """A sentence more: the beginning of another message."""
    more = " ".join(MASKED.sub("", others[random.integers(len(others))]).split()[: int(random.integers(2, 6))])
    return f"{text} {more}." if random.random() < 0.5 else f"{more}. {text}"


def shouted(random: Random, text: str, *_: object) -> str:
    """In capitals, with hashtags after it."""
    return text.upper() + " #fail #travel"[: 6 if random.random() < 0.5 else None]


def tail(random: Random, text: str, *_: object) -> str:
    """The beginning cut away."""
    parts = text.split(" ")
    return "..." + " ".join(parts[min(int(len(parts) * random.uniform(0.1, 0.4)), max(len(parts) - LONG_ENOUGH, 0)) :])


def mixed(random: Random, text: str, others: Sequence[str], numbers: Numbers) -> str:
    """Words changed, then reposted with a comment."""
    return quote(random, words(random, text, others, numbers), others, numbers)


WAYS: dict[str, Callable[[Random, str, Sequence[str], Numbers], str]] = {
    way.__name__: way
    for way in (repost, quote, typos, words, truncated, swapped, plain, sentence, shouted, tail, mixed)
}


def _filled(random: Random, template: str) -> str:
    return f"@{_handle(random)} " + template.format(
        name=random.choice(NAMES),
        city=random.choice(CITIES),
        n=random.integers(100, 9_999),
        m=random.integers(2, 240),
        g=f"{random.choice(list('ABCDE'))}{random.integers(1, 60)}",
        i="".join(random.choice(list("ABCDEFGHJK"), 2)),
    )
