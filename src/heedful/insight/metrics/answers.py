"""Answers to single survey questions."""

import narwhals.stable.v2 as nw

OF = "answer"
UNIT = "answers"
BETTER = "more"
FORMULA = "count of answers"
NEEDS: tuple[str, ...] = ()
VALUE = nw.len()
PARTS = "sum"
ROWS: nw.Expr | None = None
EMPTY: float | None = 0.0
