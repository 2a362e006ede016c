"""People who did something, each counted once; an event without a person adds nobody."""

import narwhals.stable.v2 as nw

OF = "event"
UNIT = "people"
BETTER = "neither"
FORMULA = "count of distinct people among events"
NEEDS: tuple[str, ...] = ()
VALUE = "people"
PARTS = ""
ROWS: nw.Expr | None = None
EMPTY: float | None = 0.0
