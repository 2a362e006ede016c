"""Filled-in survey forms, each counted once however many questions it answers."""

import narwhals.stable.v2 as nw

OF = "answer"
UNIT = "responses"
BETTER = "more"
FORMULA = "count of distinct forms among answers"
NEEDS = ("response",)
VALUE = nw.col("response").n_unique()
PARTS = ""
ROWS: nw.Expr | None = None
EMPTY: float | None = 0.0
