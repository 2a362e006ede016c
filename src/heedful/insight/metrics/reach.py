"""Sum of the reach that sources report for messages; one person reached by two messages counts twice."""

import narwhals.stable.v2 as nw

OF = "message"
UNIT = "views"
BETTER = "more"
FORMULA = "sum of reach over messages"
NEEDS = ("reach",)
VALUE = nw.col("reach").sum()
PARTS = "sum"
ROWS: nw.Expr | None = ~nw.col("reach").is_null()
EMPTY: float | None = 0.0
