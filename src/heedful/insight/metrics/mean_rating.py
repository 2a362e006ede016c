"""Mean rating of the messages that bear one, from 0 (worst) to 1 (best), whatever scale they were given on."""

import narwhals.stable.v2 as nw

OF = "message"
UNIT = "of 1"
BETTER = "more"
FORMULA = "sum of ratings (0 to 1) ÷ messages with a rating"
NEEDS = ("rating",)
VALUE = nw.col("rating").mean()
PARTS = "mean"
ROWS: nw.Expr | None = ~nw.col("rating").is_null()
EMPTY: float | None = None
