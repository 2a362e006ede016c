"""People who wrote, each counted once; a message without a person adds nobody."""

import narwhals.stable.v2 as nw

OF = "message"
UNIT = "people"
BETTER = "neither"
FORMULA = "count of distinct people among messages"
NEEDS: tuple[str, ...] = ()
VALUE = "people"
PARTS = ""
ROWS: nw.Expr | None = None
EMPTY: float | None = 0.0
