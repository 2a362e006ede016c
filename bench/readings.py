"""How fast messages are read, all readings together, beside a transformer pipeline and a lexicon; what it needs.

    python bench/readings.py [DATA_FOLDER]

Texts are TweetEval's validation tweets, in their order; the mean number of tokens is saved with the figures. Messages a
second are of the wall clock and of processor time, medians of five runs. Peers where they are installed: a pipeline of
transformers as obsei calls it, one text at a time, with an encoder of DistilBERT's size (random weights: speed does not
depend on them), and VADER. `language` also says how often it is right.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from heedful import folder
from heedful.language import annotate, annotators, many
from heedful.language.cards import place
from heedful.language.encoder import forget, shipped
from machine import save

ROWS = 2_000
TWEETS = 800
CODES = dict(
    zip(
        "arabic english french german hindi italian portuguese spanish".split(),
        "ar en fr de hi it pt es".split(),
        strict=True,
    )
)


def speed(made: Callable[[pa.RecordBatch], object], batches: list[pa.RecordBatch]) -> float:
    """Rows a second of processor time; the best of three, after one batch to warm up."""
    made(batches[0])
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        for batch in batches:
            forget()
            made(batch)
        best = max(best, sum(batch.num_rows for batch in batches) / (time.process_time() - began))
    return round(best)


def speeds(texts: list[str]) -> dict[str, float]:
    """Of each annotator, and of all together."""
    table = pa.table({"text": pa.array(texts, pa.string())})
    plain = table.to_batches(max_chunksize=ROWS)
    read = [annotate.read(batch) for batch in plain]
    whole = [
        pa.RecordBatch.from_arrays([*made.columns, batch.column("text")], [*made.schema.names, "text"])
        for batch, made in zip(plain, read, strict=True)
    ]
    found = {
        name: speed(part.annotate, [batch.select(part.NEEDS) for batch in whole])
        for name in folder.names(annotators)
        for part in [folder.load(annotators, name)]
    }
    return found | {"all_in_one_pass": speed(annotate.read, plain)}


def rates(run: Callable[[], object], rows: int) -> dict[str, float]:
    """Rows a second of the wall clock and of processor time, medians of five runs after a short one."""
    wall, work = [], []
    for _ in range(5):
        began, used = time.perf_counter(), time.process_time()
        run()
        wall.append(rows / (time.perf_counter() - began))
        work.append(rows / (time.process_time() - used))
    return {"a_second": round(median(wall), 1), "a_core_second": round(median(work), 1)}


def reading(texts: Sequence[str]) -> dict[str, Any]:
    """All readings, on one core and on all; the encoder by itself."""
    batch = pa.RecordBatch.from_arrays([pa.array(texts, pa.string())], ["text"])
    annotate.read(batch.slice(0, 50))
    windows, _, _ = shipped()._windows(texts)
    return {
        "texts": len(texts),
        "mean_tokens": round(sum(map(len, windows)) / len(texts), 1),
        "one_core": rates(lambda: many.read(batch, threads=1), len(texts)),
        "all_cores": rates(lambda: many.read(batch), len(texts)),
        "encoder_one_core": rates(lambda: shipped().read(texts), len(texts)),
        "cores": many.cores(),
    }


COLD = """
import json, resource, sys, time
import pyarrow as pa
from heedful.language import annotate
annotate.read(pa.RecordBatch.from_arrays([pa.array(["Thank you, that was quick!"])], ["text"]))
now = time.clock_gettime(time.CLOCK_BOOTTIME)
began = int(open("/proc/self/stat").read().rpartition(")")[2].split()[19]) / 100
texts = json.load(sys.stdin)
annotate.read(pa.RecordBatch.from_arrays([pa.array(texts)], ["text"]))
print(json.dumps([now - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""
"""From the start of the process to the first reading, and the most memory that reading many takes."""


def cold(texts: Sequence[str]) -> dict[str, float]:
    """Seconds until the first text is read in a fresh process, median of five; its peak memory."""
    found = []
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-c", COLD], input=json.dumps(list(texts)), capture_output=True, text=True, check=True
        )
        found.append(json.loads(done.stdout))
    return {
        "ready_seconds": round(median(one for one, _ in found), 2),
        "peak_mb": round(median(two for _, two in found)),
        "model_mb": round(sum(path.stat().st_size for path in place("encoder").iterdir()) / 1e6, 1),
    }


def pipeline(texts: Sequence[str]) -> dict[str, float]:
    """A sentiment pipeline one text at a time, on an encoder of DistilBERT's size."""
    import torch
    from tokenizers import Tokenizer
    from transformers import DistilBertConfig, DistilBertForSequenceClassification, PreTrainedTokenizerFast, pipeline

    torch.set_num_threads(many.cores())
    words = Tokenizer.from_file(str(place("encoder") / "tokenizer.json"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[PAD]")
    model = DistilBertForSequenceClassification(DistilBertConfig()).eval()
    read = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")
    some = texts[:200]
    read(some[0], truncation=True)
    return rates(lambda: [read(text, truncation=True) for text in some], len(some))


def vader(texts: Sequence[str]) -> dict[str, float]:
    """The lexicon."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    return rates(lambda: [analyser.polarity_scores(text) for text in texts], len(texts))


def languages(data: Path) -> dict[str, float]:
    """How often the language is right, by language, on short tweets."""
    rows = pq.read_table(data / "umsab_multilingual_sentiment/validation.parquet").to_pylist()
    batch = pa.RecordBatch.from_arrays([pa.array([row["text"] for row in rows])], ["text"])
    found = annotate.read(batch).column("language").to_pylist()
    right: dict[str, list[bool]] = {}
    for row, code in zip(rows, found, strict=True):
        right.setdefault(CODES[row["language"]], []).append(code == CODES[row["language"]])
    return {code: round(sum(hits) / len(hits), 4) for code, hits in sorted(right.items())}


def main() -> None:
    """Measure, print, save."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "data"
    tweets = pq.read_table(data / "tweeteval/sentiment/validation.parquet")["text"].to_pylist()[:TWEETS]
    found: dict[str, Any] = {
        "reading": reading(tweets),
        "annotators_a_core_second": speeds(tweets),
        "cold": cold(tweets),
        "language_right": languages(data),
    }
    for name, peer in {"distilbert_pipeline": pipeline, "vader": vader}.items():
        try:
            found[name] = peer(tweets)
        except ImportError as missing:
            print(f"{name} is left out: {missing.name} is not installed")
    save("readings", found)


if __name__ == "__main__":
    main()
