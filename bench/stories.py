"""How well copies fold into stories, and how fast: beside MinHash LSH as it comes, and texts that are the same.

    python bench/stories.py [labelled|real|scale] ...

The labelled sets are made by `stories_copies.py`: numbers were chosen on `choice`, `report` has other messages and
other ways of copying. Precision, recall and F1 are of pairs of rows that are one story. `real` is what folds in all
messages of both sets as they are, with no copies planted; JUDGED says what reading them found. `scale` folds 100,000
messages in a process of its own. The peer datasketch has to be importable; Heedful does not need it.
"""

import json
import re
import resource
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from heedful.insight.stories import fold, plain
from machine import save
from stories_copies import CHOICE, DATA, REPORT, halves, labelled, messages

SEEDS = {"choice": 1, "report": 2}
ROWS = 100_000
JUDGED = {
    "stories": 114,
    "of equal words, not read": 40,
    "of other words, all read": 74,
    "right": 60,
    "unsure": 2,
    "wrong": 12,
    "wrong_are": "templates of companies and of a newswire about other things, and commonplaces of several customers",
    "note": "thresholds were tightened after 97 stories of an earlier run on these messages were read: 31 wrong",
}
MORE = (
    "tweeteval/sentiment/train_rebuilt",
    "tweeteval/offensive/train",
    "tweeteval/hate/train",
    "goemotions/train",
)
Way = Callable[[Sequence[str]], list[int]]


def heedful(texts: Sequence[str]) -> list[int]:
    """Ours."""
    found: list[int] = fold(texts).tolist()
    return found


def same(texts: Sequence[str]) -> list[int]:
    """Texts that are the same but for capitals, signs, links and handles."""
    first: dict[str, int] = {}
    keys = [" ".join(re.findall(r"\w+", re.sub(r"https?:\S+|@\w+", " ", text.casefold()))) for text in texts]
    return [first.setdefault(key, at) for at, key in enumerate(keys)]


def lsh(threshold: float) -> Way:
    """MinHash LSH by datasketch on five signs of the text in small letters; whoever meets is one story."""

    def found(texts: Sequence[str]) -> list[int]:
        from datasketch import MinHash, MinHashLSH

        index, above = MinHashLSH(threshold=threshold, num_perm=128), list(range(len(texts)))

        def top(at: int) -> int:
            while above[at] != at:
                above[at] = above[above[at]]
                at = above[at]
            return at

        for at, text in enumerate(texts):
            small = text.casefold()
            sketch = MinHash(num_perm=128)
            sketch.update_batch({small[start : start + 5].encode() for start in range(max(1, len(small) - 4))})
            for other in index.query(sketch):
                one, two = sorted((top(other), top(at)))
                above[two] = one
            index.insert(at, sketch)
        return [top(at) for at in range(len(texts))]

    return found


WAYS: dict[str, Way] = {
    "heedful": heedful,
    "MinHash LSH at .8": lsh(0.8),
    "MinHash LSH at .5": lsh(0.5),
    "the same words": same,
}


def scores(truth: Sequence[int], found: Sequence[int]) -> dict[str, float]:
    """Of pairs of rows in one story."""

    def pairs(of: Sequence[Any]) -> int:
        return sum(size * (size - 1) // 2 for size in Counter(of).values())

    both, told, there = pairs(list(zip(truth, found, strict=True))), pairs(found), pairs(truth)
    f1 = 2 * both / (told + there)
    return {
        "precision": round(both / max(told, 1), 4),
        "recall": round(both / there, 4),
        "f1": round(f1, 4),
        "largest_story": max(Counter(found).values()),
    }


def missed(truth: Sequence[int], found: Sequence[int], ways: Sequence[str]) -> dict[str, float]:
    """Of the copies of each way the share that is not in the story of the real message."""
    real = {story: at for at, (story, way) in reversed(list(enumerate(zip(truth, ways, strict=True)))) if way == "real"}
    there, lost = Counter[str](), Counter[str]()
    for at, (story, way) in enumerate(zip(truth, ways, strict=True)):
        if story in real and way != "real":
            there[way] += 1
            lost[way] += found[at] != found[real[story]]
    return {way: round(lost[way] / there[way], 3) for way in sorted(there)}


def by_label() -> dict[str, Any]:
    """All ways on both sets."""
    made: dict[str, Any] = {}
    for (name, seed), texts, numbers in zip(SEEDS.items(), halves(), (CHOICE, REPORT), strict=True):
        rows, truth, ways = labelled(texts, numbers, seed)
        made[name] = {"rows": len(rows), "rows_by_way": dict(Counter(ways)), "seed": seed}
        for way, how in WAYS.items():
            began = time.process_time()
            found = how(rows)
            made[name][way] = scores(truth, found) | {"core_seconds": round(time.process_time() - began, 1)}
            if way == "heedful":
                glued = defaultdict(set)
                for story, of in zip(found, truth, strict=True):
                    glued[story].add(of)
                made[name]["stories_with_rows_of_another"] = sum(len(of) > 1 for of in glued.values())
                made[name]["copies_missed"] = missed(truth, found, ways)
            print(name, way, made[name][way], flush=True)
    return made


def real() -> dict[str, Any]:
    """What folds where nothing was planted, and what reading found."""
    texts = messages()
    made: dict[str, Any] = {"messages": len(texts), "read_by_us": JUDGED}
    for way, how in WAYS.items():
        found = how(texts)
        sizes = sorted((size for size in Counter(found).values() if size > 1), reverse=True)
        made[way] = {"stories": len(sizes), "rows_in_them": sum(sizes), "largest": sizes[:5]}
    return made


def folded_pairs(count: int, seed: int) -> None:
    """Print some folded pairs of different words, each of a story drawn by lot, to be read."""
    texts = messages()
    groups = defaultdict(list)
    for at, story in enumerate(heedful(texts)):
        groups[story].append(at)
    random = np.random.default_rng(seed)
    loose = [rows for rows in groups.values() if len({plain(texts[at]).words for at in rows}) > 1]
    print(len(loose), "stories are of more than the same words,", sum(len(r) > 1 for r in groups.values()), "in all")
    for number, place in enumerate(random.permutation(len(loose))[:count].tolist()):
        rows = loose[place]
        one = rows[0]
        others = [at for at in rows if plain(texts[at]).words != plain(texts[one]).words]
        other = others[random.integers(len(others))]
        print(number + 1, len(rows), "|", texts[one].replace("\n", " "), "\n      |", texts[other].replace("\n", " "))


def once(rows: int) -> None:
    """Fold so many rows; what it took."""
    texts = messages()
    for name in MORE:
        texts += [
            text for text in pq.read_table(DATA / f"{name}.parquet", columns=["text"])["text"].to_pylist() if text
        ]
    random = np.random.default_rng(3)
    some = [texts[at] for at in random.permutation(len(texts))[: int(0.7 * rows)].tolist()]
    made = labelled(some, REPORT, 5)[0][:rows]
    began, used = time.perf_counter(), time.process_time()
    found = fold(made)
    told = {
        "rows": len(made),
        "seconds": round(time.perf_counter() - began, 1),
        "core_seconds": round(time.process_time() - used, 1),
        "memory_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
        "stories": len(np.unique(found)),
    }
    print(json.dumps(told))


def scale() -> dict[str, Any]:
    """Seconds and memory, in a process of its own, of 100,000 rows and of a quarter."""
    done = {}
    for rows in (ROWS // 4, ROWS):
        run = subprocess.run([sys.executable, __file__, "once", str(rows)], capture_output=True, text=True, check=True)
        done[f"{rows:,} rows"] = json.loads(run.stdout.splitlines()[-1])
        print(done, flush=True)
    return done


def main() -> None:
    """Measure and save."""
    if sys.argv[1:2] == ["once"]:
        once(int(sys.argv[2]))
        return
    if sys.argv[1:2] == ["read"]:
        folded_pairs(int(sys.argv[2]), int(sys.argv[3]))
        return
    parts = {"labelled": by_label, "real": real, "scale": scale}
    for name in sys.argv[1:] or parts:
        save("stories", {name: parts[name]()})


if __name__ == "__main__":
    main()
