"""Contacts: dated incoming messages on the channels where the company writes back, with how long each waited.

A reply is the earliest outgoing message whose parent is the incoming one, or the next outgoing message of its
thread, whichever came first; replies after the asked period count too, and one that is dated before its message is
none. What the viewer may not read counts for nothing: messages of people who refused are not asked after.
"""

import narwhals.stable.v2 as nw

from heedful.insight.periods import Period
from heedful.privacy.visible import Frame

NEEDS = ("id", "parent", "thread", "channel", "direction")
AT = nw.col("occurred_at")
OUT = nw.col("direction") == "out"


def contacts(messages: Frame, period: Period) -> Frame:
    """The period's incoming messages with `waited`: minutes (a float) until the first reply, null without one."""
    held, dated = period.holds(), ~AT.is_null()
    outgoing = messages.filter(OUT)
    incoming = messages.filter(~OUT, dated if held is None else held)
    # not unique(): DuckDB would number every row to find the first of each channel
    answering = outgoing.group_by("channel").agg(rows=nw.len()).select("channel")
    incoming = incoming.join(answering, on="channel", how="semi")
    later = dated if period.since is None else nw.col("occurred_at") >= nw.lit(period.since)
    answered = incoming.join(
        _by_parent(outgoing, later), left_on="id", right_on="parent", how="left", suffix="_of_reply"
    )
    answered = answered.join(_by_thread(messages, later), left_on="n", right_on="asked", how="left")
    named_at = nw.when(nw.col("named_at") >= AT).then(nw.col("named_at"))
    waited = (nw.min_horizontal(named_at, "next_at") - AT).dt.total_seconds() / 60
    return answered.with_columns(waited=waited)


def _by_parent(outgoing: Frame, later: nw.Expr) -> Frame:
    """For each message that an outgoing one names as its parent, when the earliest of those was written."""
    replies = outgoing.filter(~nw.col("parent").is_null(), later)
    return replies.group_by("parent").agg(named_at=AT.min())


def _by_thread(messages: Frame, later: nw.Expr) -> Frame:
    """For each incoming message of a thread, when the next outgoing one of the same thread was written."""
    told = messages.filter(~nw.col("thread").is_null(), later)
    following = nw.when(OUT).then(AT).fill_null(strategy="backward").over("thread", order_by=["occurred_at", "n"])
    return told.select("direction", next_at=following, asked=nw.col("n")).filter(~OUT).drop("direction")
