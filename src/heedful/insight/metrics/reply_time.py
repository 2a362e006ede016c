"""Median time from an incoming message to its first reply; messages without a reply are not in it.

A reply is the earliest outgoing message that names it as parent, or the next outgoing one of its thread.
"""

import narwhals.stable.v2 as nw

OF = "contact"
UNIT = "minutes"
BETTER = "less"
FORMULA = "median of (time of first reply − time of message) over messages with a reply"
NEEDS: tuple[str, ...] = ()
VALUE = nw.col("waited").median()
PARTS = ""
ROWS: nw.Expr | None = ~nw.col("waited").is_null()
EMPTY: float | None = None
