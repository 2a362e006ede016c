"""Share of incoming messages in each group; by several dimensions, the last one is shared out within the others.

By sentiment, category or label it is corrected for what the reading gets wrong, and messages that were not read are
left out. A message may have several brands or categories, so that their shares add up to more than 100.
"""

import narwhals.stable.v2 as nw

OF = "message"
UNIT = "%"
BETTER = "neither"
FORMULA = "100 × messages in the group ÷ messages that agree in every dimension but the last"
NEEDS = ("direction",)
VALUE = "share"
PARTS = ""
ROWS: nw.Expr | None = nw.col("direction") == "in"
EMPTY: float | None = None
