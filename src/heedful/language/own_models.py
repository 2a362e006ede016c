"""Models that users bring, loaded from their folders and run text by text.

One window of one text is run at a time, so that no reading depends on what is read beside it.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heedful.errors import BadSettings
from heedful.language.own_folders import Plan
from heedful.language.tags import OUTSIDE, Token, spans

WINDOW = 512
"""Tokens that are looked at together where the folder does not say how many, and at most unless its tokenizer does."""
WINDOWS = 16
"""Windows of a very long text that are read: half from its beginning, half from its end."""
LONGEST = 40_000
"""Characters of a text, from both ends, that are cut into tokens."""
INPUTS = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
"""What a graph may ask for, and what the tokenizer calls it."""

Floats = NDArray[np.float64]
_loading = threading.Lock()


@dataclass(frozen=True, eq=False)
class Model:
    """A model in memory; safe to use from several threads."""

    plan: Plan
    _windows: Callable[[str], list[tuple[int, Any]]]
    _scores: Callable[[Any], Floats]

    def shares(self, text: str) -> dict[str, float] | None:
        """The probability of each of our labels; None where the text has no tokens.

        A text of several windows is their mean, each counting by its tokens. Of several labels that mean the same,
        the probabilities add up; where any number of labels may hold, the greatest is taken.
        """
        windows = [window for _, window in self._windows(text)]
        if not windows:
            return None
        weights = [max(1, len(window.ids) - sum(window.special_tokens_mask)) for window in windows]
        likely = np.average([self._likely(window) for window in windows], axis=0, weights=weights)
        found: dict[str, float] = {}
        for label, share in zip(self.plan.labels, likely.tolist(), strict=True):
            if label:
                before = found.get(label, 0.0)
                found[label] = max(before, share) if self.plan.many else min(1.0, before + share)
        return found

    def spans(self, text: str) -> list[dict[str, Any]] | None:
        """Kind, start, end and score of what a token classifier finds; None where the text has no tokens."""
        windows = self._windows(text)
        return spans(text, self._tokens(windows)) if windows else None

    def _tokens(self, windows: Sequence[tuple[int, Any]]) -> Iterator[Token]:
        for shift, window in windows:
            likely = self._likely(window)
            for at, best in enumerate(likely.argmax(axis=1).tolist()):
                if not window.special_tokens_mask[at]:
                    start, end = window.offsets[at]
                    tag = self.plan.labels[best] or OUTSIDE
                    yield Token(start + shift, end + shift, tag, float(likely[at, best]))

    def _likely(self, window: Any) -> Floats:
        """Scores as probabilities along the last axis."""
        scores = self._scores(window)
        if scores.shape[-1:] != (len(self.plan.labels),) or not np.isfinite(scores).all():
            raise ValueError(f"scores of shape {scores.shape}, or that are no numbers")
        powers: Floats = (
            np.exp(-np.logaddexp(0, -scores)) if self.plan.many else np.exp(scores - scores.max(-1)[..., None])
        )
        return powers if self.plan.many else powers / powers.sum(-1)[..., None]


def load(plan: Plan) -> Model:
    """The model of a plan, loaded once in a process; BadSettings where it cannot be run."""
    with _loading:
        return _loaded(plan)


@cache
def _loaded(plan: Plan) -> Model:
    try:
        model = Model(plan, _tokenizer(plan), _session(plan.graph))
        ((_, window),) = model._windows("Good")
        scores = model._scores(window)
    except BadSettings:
        raise
    except Exception as problem:  # noqa: BLE001  whatever the runtime says, the folder has to be another one
        said = str(problem).split("\n")[0]
        raise BadSettings(f"{plan.graph} cannot be run ({type(problem).__name__}: {said}); export it again") from None
    wanted = (len(window.ids),) if plan.own.reading == "entities" else ()
    if scores.shape != (*wanted, len(plan.labels)):
        kind = "token" if wanted else "sequence"
        raise BadSettings(
            f"{plan.graph} gives scores of shape {scores.shape}, but {plan.own.reading} needs a {kind} classifier with "
            f"the {len(plan.labels)} labels of config.json; check the reading, and export the model again"
        )
    return model


def _tokenizer(plan: Plan) -> Callable[[str], list[tuple[int, Any]]]:
    """What cuts a text into windows; with each comes where in the text its places count from."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(plan.tokenizer))
    stated = (tokenizer.truncation or {}).get("max_length")
    tokenizer.no_padding()
    tokenizer.enable_truncation(min(stated or WINDOW, plan.positions or stated or WINDOW))

    def windows(text: str) -> list[tuple[int, Any]]:
        tail = len(text) - LONGEST // 2
        pieces = [(0, text)] if len(text) <= LONGEST else [(0, text[: LONGEST // 2]), (tail, text[tail:])]
        found = [(shift, tokenizer.encode(piece)) for shift, piece in pieces]
        whole = [(shift, part) for shift, first in found for part in (first, *first.overflowing) if part.ids]
        return whole if len(whole) <= WINDOWS else whole[: WINDOWS // 2] + whole[-WINDOWS // 2 :]

    return windows


def _session(graph: Path) -> Callable[[Any], Floats]:
    """What gives the scores of one window; on one thread, since several texts are read at once by several threads."""
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    session = InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    wanted = {each.name: np.int32 if "int32" in each.type else np.int64 for each in session.get_inputs()}
    if strange := [name for name in wanted if name not in INPUTS]:
        raise BadSettings(f"{graph} asks for {', '.join(strange)}; export it with the inputs {', '.join(INPUTS)} alone")
    outputs = [each.name for each in session.get_outputs()]
    output = "logits" if "logits" in outputs else outputs[0]

    def scores(window: Any) -> Floats:
        given = {name: np.array([getattr(window, INPUTS[name])], kind) for name, kind in wanted.items()}
        made: Floats = session.run([output], given)[0][0].astype(np.float64)
        return made

    return scores
