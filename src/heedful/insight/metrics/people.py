"""People who wrote, each counted once; a message without a person adds nobody."""

import narwhals.stable.v2 as nw

OF = "message"
UNIT = "people"
BETTER = "neither"
VALUE = nw.col("person").n_unique() - nw.col("person").is_null().any().cast(nw.Int64)
ROWS: nw.Expr | None = None
EMPTY: float | None = 0.0
