"""Sum of the events' values as they were recorded; where there are several currencies, ask by currency."""

import narwhals.stable.v2 as nw

OF = "event"
UNIT = "recorded value"
BETTER = "more"
FORMULA = "sum of value over events"
NEEDS = ("value",)
VALUE = nw.col("value").sum()
PARTS = "sum"
ROWS: nw.Expr | None = ~nw.col("value").is_null()
EMPTY: float | None = 0.0
