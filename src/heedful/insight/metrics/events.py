"""Events: what people did."""

import narwhals.stable.v2 as nw

OF = "event"
UNIT = "events"
BETTER = "neither"
FORMULA = "count of events"
NEEDS: tuple[str, ...] = ()
VALUE = nw.len()
PARTS = "sum"
ROWS: nw.Expr | None = None
EMPTY: float | None = 0.0
