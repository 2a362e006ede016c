"""The card of the encoder: what a reader of its figures should know about the model behind them."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import others
import tasks
from heedful.records import SENTIMENTS

VERSION = "3"
CORE_WATTS, CORES = 10, 2
"""What energy is estimated from."""


SPAM = {
    "sms": "text messages, a fifth left out",
    "youtube": "comments of two videos left out whole",
    "sms_to_youtube": "comments, no label of a comment seen, first run",
    "youtube_to_sms": "text messages, no label of one seen, first run",
}


class Measured(NamedTuple):
    """What finish.py measured: by reading, of other languages, airline tweets, reviews, the export, other seeds."""

    figures: Mapping[str, Mapping[str, Any]]
    others: others.Found
    airline: Mapping[str, Any]
    reviews: Sequence[Sequence[object]]
    agreement: Mapping[str, float]
    seeds: Mapping[str, Sequence[float]]
    runs: Sequence[Path]


DATA: list[dict[str, str]] = [
    {
        "name": "TweetEval: sentiment, emotion, irony, offensive, hate (training files)",
        "licence": "released without restrictions by TweetEval; tweets are subject to the terms of Twitter",
    },
    {"name": "GoEmotions (training file)", "licence": "Apache-2.0"},
    {"name": "Davidson et al. 2017, hate and offensive speech", "licence": "MIT"},
    {"name": "MultiDoGO, customers' sentences (training file)", "licence": "CDLA-Permissive-1.0"},
    {
        "name": "SMS Spam Collection and YouTube Spam Collection",
        "licence": "CC BY 4.0; annotations shared for research, weights trained on them are commonly published",
    },
    {
        "name": "Sentences of reviews: SemEval-2014 and ACOS (training files), where all aspects agree",
        "licence": "research use and MIT; weights trained on them are commonly published",
    },
    {"name": "UMSAB (training file), five languages", "licence": "Apache-2.0; tweets: terms of Twitter"},
    {"name": "Plain service sentences of our own (training/plain.py)", "licence": "Apache-2.0"},
]


FAILURES = [
    ["mockery", "praise that means the opposite is often read as praise where no other word tells"],
    ["slang", "'mid', 'slaps' and the like, newer than the tweets (2013 to 2018), are often missed"],
    ["then and now", "'used to be great' may be read as praise"],
    ["emoji by themselves", "read less surely than words; pictures without a feeling count as neutral"],
    ["spam", "learnt from text messages and YouTube comments; a promotion of another kind may pass"],
    ["hate", "texts that hold a group's name and a strong word are called hateful too often, coded hate too rarely"],
    ["dialect", "the sets of offence are known to call African American English offensive more often (Davidson 2019)"],
    ["groups", "some names of groups make a neutral sentence a little more negative: see fairness in the abilities"],
]
"""What users of the readings must know; the shares stand in bench/results/language.json."""


def card(found: Measured) -> dict[str, Any]:
    """The whole card."""
    readings = {name: _reading(name, told, found.seeds.get(name, ())) for name, told in found.figures.items()}
    spoken = {code: told for code, told in found.others.by_language.items() if told["value"] >= others.GOOD_ENOUGH}
    validated = {"validated_on": "the validation file of UMSAB"}
    readings["sentiment"]["by_language"] |= {
        code: {"confusion": told["confusion"], **validated} for code, told in spoken.items()
    }
    return {
        "name": "encoder",
        "version": VERSION,
        "date": datetime.now(UTC).date().isoformat(),
        "what": "all-MiniLM-L6-v2 fine-tuned with a head per reading; row-wise int8 activations, 7-bit weights.",
        "limits": "Trained on public English tweets, Reddit comments, short messages and sentences of our own. "
        "Sentiment is calibrated for texts of which more are negative than in the validation file.",
        "licence": "Apache-2.0 for the weights; the sets keep theirs",
        "data": DATA,
        "others": {"languages": list(spoken), "linear": round(found.others.together.power, 4)},
        "facts": {
            "Known to fail": {"names": ["where", "what happens"], "rows": FAILURES},
            "Sentiment in other languages: macro recall and F1, and published macro F1 on test tweets": _others(
                found.others.by_language, list(spoken)
            ),
            "Spam by source: F1 of yes": {
                "names": ["measured on", "value", "interval", "texts"],
                "rows": [
                    [about, told["value"], _interval(told), told["rows"]]
                    for name, about in SPAM.items()
                    for told in [found.figures["spam"][name]]
                ],
            },
            "Other data: airline tweets, which nothing was trained or chosen on": {
                "names": ["metric", "value", "interval", "accuracy", "calibration error", "texts"],
                "rows": [
                    [
                        *(found.airline["metric"], found.airline["value"], _interval(found.airline)),
                        *(found.airline["accuracy"], found.airline["calibration_error"], found.airline["rows"]),
                    ]
                ],
            },
            "Airline tweets: what they are, and are called": {
                "names": ["", *SENTIMENTS],
                "rows": [[label, *row] for label, row in zip(SENTIMENTS, found.airline["confusion"], strict=True)],
            },
            "Reviews by stars, which nothing was trained or chosen on: what they are called, in percent": {
                "names": ["reviews", "stars", *SENTIMENTS, "texts"],
                "rows": found.reviews,
            },
            "How often the 7-bit model calls what the network calls, in percent": {
                "names": list(found.agreement),
                "rows": [list(found.agreement.values())],
            },
            "Time on two shared cores, and energy estimated at 10 W a core": {
                "names": ["run", "hours", "kWh"],
                "rows": [_spent(run) for run in found.runs],
            },
        },
        "readings": readings,
    }


def _reading(name: str, told: Mapping[str, Any], seeds: Sequence[float]) -> dict[str, Any]:
    kept = {key: value for key, value in told.items() if key != "confusion"}
    source = "GoEmotions" if name == "emotions" else "TweetEval"
    made = {
        "labels": list(tasks.LABELS[name]),
        "validated_on": f"the validation file of {source}",
        **kept,
        "by_language": {"en": {"confusion": told["confusion"]}} if "confusion" in told else {},
    }
    return made | ({"seeds": list(seeds)} if len(seeds) > 1 else {})


def _others(by_language: Mapping[str, Mapping[str, Any]], spoken: Sequence[str]) -> dict[str, Any]:
    names = ["language", "read", "macro recall", "interval", "of the encoder", "of the linear model", "macro F1"]
    rows = [
        [
            *(code, "yes" if code in spoken else "no", told["value"], _interval(told), told["encoder"]),
            *(told["linear"], told["macro_f1"], told["calibration_error"], told["rows"], *told["published"]),
        ]
        for code, told in by_language.items()
    ]
    return {"names": [*names, "calibration error", "tweets", "fastText", "XLM-R", "XLM-T"], "rows": rows}


def _interval(told: Mapping[str, Any]) -> str:
    return f"{told['low']} to {told['high']}"


def _spent(run: Path) -> list[object]:
    """Of a run, from its log: its name, hours, kilowatt hours."""
    last = json.loads((run / "log.jsonl").read_text().splitlines()[-1])
    hours = last["minutes"] / 60
    return [run.name, round(hours, 1), round(hours * CORES * CORE_WATTS / 1000, 3)]
