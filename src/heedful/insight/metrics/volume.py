"""Messages, in and out."""

import narwhals.stable.v2 as nw

OF = "message"
UNIT = "messages"
BETTER = "neither"
FORMULA = "count of messages"
NEEDS: tuple[str, ...] = ()
VALUE = nw.len()
PARTS = "sum"
ROWS: nw.Expr | None = None
EMPTY: float | None = 0.0
