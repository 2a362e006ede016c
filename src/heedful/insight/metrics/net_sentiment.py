"""Share of positive incoming messages less that of negative ones, from -100 to 100, corrected for reading errors."""

import narwhals.stable.v2 as nw

OF = "message"
UNIT = "points"
BETTER = "more"
FORMULA = "100 × (positive − negative) ÷ messages read, with the reading's measured errors taken out"
NEEDS = ("direction",)
READING = "sentiment"
SCORE = {"negative": -100.0, "neutral": 0.0, "positive": 100.0}
ROWS: nw.Expr | None = nw.col("direction") == "in"
