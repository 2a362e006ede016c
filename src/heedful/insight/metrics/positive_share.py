"""Share of incoming messages that are positive, corrected for what the sentiment reading gets wrong."""

import narwhals.stable.v2 as nw

OF = "message"
UNIT = "%"
BETTER = "more"
NEEDS = ("direction",)
READING = "sentiment"
SCORE = {"negative": 0.0, "neutral": 0.0, "positive": 100.0}
ROWS: nw.Expr | None = nw.col("direction") == "in"
