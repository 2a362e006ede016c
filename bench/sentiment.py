"""How good the sentiment readings are, on sets whose labels people gave.

    python bench/sentiment.py [DATA_FOLDER]

Airline tweets and shop reviews were never trained or chosen on. For reviews 1-2 stars count as negative, 3 as neutral
and 4-5 as positive, though many a text of 3 stars says something good or bad. Where they are installed, VADER (the
usual lexicon, thresholds of +-0.05) and TF-IDF with logistic regression (words and pairs, trained on the same tweets,
classes balanced) stand beside it, and are what to beat.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from heedful.language import many
from heedful.records import SENTIMENTS
from machine import save

Read = Callable[[Sequence[str]], list[str | None]]
CODES = dict(
    zip(
        "arabic english french german hindi italian portuguese spanish".split(),
        "ar en fr de hi it pt es".split(),
        strict=True,
    )
)


def ours(texts: Sequence[str], language: str = "en") -> list[str | None]:
    """As `heedful read --language` reads them."""
    batch = pa.RecordBatch.from_arrays([pa.array(texts, pa.string())], ["text"])
    found: list[str | None] = many.read(batch, language=language).column("sentiment").to_pylist()
    return found


def vader() -> Read:
    """The lexicon's own recommended thresholds."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()

    def read(texts: Sequence[str]) -> list[str | None]:
        marks = [analyser.polarity_scores(text)["compound"] for text in texts]
        return ["positive" if mark >= 0.05 else "negative" if mark <= -0.05 else "neutral" for mark in marks]

    return read


def plain_regression(data: Path) -> Read:
    """TF-IDF of words and pairs of words, logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    train = pq.read_table(data / "tweeteval/sentiment/train_rebuilt.parquet")
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        LogisticRegression(C=2, max_iter=300, class_weight="balanced"),
    )
    model.fit(train["text"].to_pylist(), train["label_name"].to_pylist())

    def read(texts: Sequence[str]) -> list[str | None]:
        return [str(label) for label in model.predict(texts)]

    return read


def sets(data: Path) -> dict[str, list[tuple[str, str]]]:
    """Texts and what people called them."""

    def table(path: str, label: str) -> list[tuple[str, str]]:
        return [(row["text"], row[label]) for row in pq.read_table(data / path).to_pylist() if row["text"]]

    def stars(path: str) -> list[tuple[str, str]]:
        return [
            (text, SENTIMENTS[0 if float(n) <= 2 else 1 if float(n) == 3 else 2]) for text, n in table(path, "rating")
        ]

    return {
        "tweeteval_validation": table("tweeteval/sentiment/validation.parquet", "label_name"),
        "airline_tweets": table("airline_tweets/all.parquet", "sentiment"),
        "beauty_reviews_by_stars": stars("amazon_all_beauty_5core/all.parquet"),
        "alexa_reviews_by_stars": stars("amazon_alexa_reviews/all.parquet"),
    }


def quality(read: Read, examples: list[tuple[str, str]]) -> dict[str, Any]:
    """Macro recall, accuracy, recall of each label and the share that was read."""
    found = read([text for text, _ in examples])
    pairs = [(true, called) for (_, true), called in zip(examples, found, strict=True) if called]
    if not pairs:
        return {"rows": len(examples), "read": 0.0}
    recall = {
        label: sum(t == c for t, c in pairs if t == label) / max(1, sum(t == label for t, _ in pairs))
        for label in SENTIMENTS
    }
    return {
        "rows": len(examples),
        "read": round(len(pairs) / len(examples), 4),
        "macro_recall": round(sum(recall.values()) / 3, 4),
        "accuracy": round(sum(t == c for t, c in pairs) / max(1, len(pairs)), 4),
        "recall": {label: round(value, 4) for label, value in recall.items()},
    }


def main() -> None:
    """Measure, print, save."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "data"
    readers: dict[str, Read] = {"heedful": ours}
    for name, make in {"vader": vader, "tfidf_regression": lambda: plain_regression(data)}.items():
        try:
            readers[name] = make()
        except ImportError as missing:
            print(f"{name} is left out: {missing.name} is not installed")
    found: dict[str, Any] = {
        name: {reader: quality(read, examples) for reader, read in readers.items()}
        for name, examples in sets(data).items()
    }
    spoken = pq.read_table(data / "umsab_multilingual_sentiment/validation.parquet").to_pylist()
    for name, code in CODES.items():
        examples = [(row["text"], row["label_name"]) for row in spoken if row["language"] == name]
        found[f"umsab_{code}"] = {"heedful": quality(lambda texts, code=code: ours(texts, code), examples)}
    save("sentiment", found)


if __name__ == "__main__":
    main()
