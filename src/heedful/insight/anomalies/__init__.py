"""What is unusual in a figure over time: one judge for each series, which sees one value after another.

`Judge.see(at, value)` says what was expected, how unusual the value is, and whether to alert. It knows earlier values
only, needs the same short time for each, and is nothing but numbers, so that it can be kept and go on later.
"""

from heedful.insight.anomalies.judge import Judge, Verdict

__all__ = ["Judge", "Verdict"]
