"""Share of incoming messages without a reply so far, on the channels where the company writes back.

Dated incoming messages count, on every channel that has at least one outgoing message; the newest ones too,
which nobody could answer yet.
"""

import narwhals.stable.v2 as nw

OF = "contact"
UNIT = "%"
BETTER = "less"
FORMULA = "100 × messages without a reply ÷ messages on channels with replies"
NEEDS: tuple[str, ...] = ()
VALUE = nw.when(nw.col("waited").is_null()).then(nw.lit(100.0)).otherwise(nw.lit(0.0)).mean()
PARTS = "mean"
ROWS: nw.Expr | None = None
EMPTY: float | None = None
