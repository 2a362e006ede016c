"""Contacts: dated incoming messages on the channels where the company writes back, with how long each waited.

A reply is the earliest outgoing message whose parent is the incoming one, or the next outgoing message of its
thread, whichever came first; replies after the asked period count too, and one that is dated before its message is
none. What the viewer may not read counts for nothing: messages of people who refused are not asked after.
"""

import narwhals.stable.v2 as nw

from heedful.insight.periods import Period
from heedful.privacy.visible import Frame
from heedful.store.view import View

NEEDS = ("key", "parent_key", "thread", "channel", "direction")
AT = nw.col("occurred_at")
OUT = nw.col("direction") == "out"


def contacts(view: View, messages: Frame, period: Period) -> Frame:
    """The period's incoming messages with `waited`: minutes (a float) until the first reply, null without one."""
    held, dated = period.holds(), ~AT.is_null()
    later = dated if period.since is None else nw.col("occurred_at") >= nw.lit(period.since)
    outgoing, incoming = messages.filter(OUT), messages.filter(~OUT, dated if held is None else held)
    # not unique(): DuckDB would number every row to find the first of each channel
    answering = outgoing.group_by("channel").agg(rows=nw.len())
    answered = view.joined(incoming, answering, "channel", "semi")
    # an inner join first, for a left one to so few would have DuckDB build its table of all the incoming
    named = view.joined(incoming.select("n", "key"), _by_parent(outgoing, later), "key", "inner")
    answered = view.joined(answered, named.select("n", "named_at"), "n", "left")
    answered = view.joined(answered, _by_thread(messages, later), "n", "left")
    named_at = nw.when(nw.col("named_at") >= AT).then(nw.col("named_at"))
    waited = (nw.min_horizontal(named_at, "next_at") - AT).dt.total_seconds() / 60
    return answered.with_columns(waited=waited)


def _by_parent(outgoing: Frame, later: nw.Expr) -> Frame:
    """When the earliest outgoing message was written that names one as its parent, by the key of that one."""
    replies = outgoing.filter(~nw.col("parent_key").is_null(), later)
    return replies.group_by(nw.col("parent_key").alias("key")).agg(named_at=AT.min())


def _by_thread(messages: Frame, later: nw.Expr) -> Frame:
    """For each incoming message of a thread, when the next outgoing one of the same thread was written."""
    told = messages.filter(~nw.col("thread").is_null(), later)
    following = nw.when(OUT).then(AT).fill_null(strategy="backward").over("thread", order_by=["occurred_at", "n"])
    return told.select("n", "direction", next_at=following).filter(~OUT).select("n", "next_at")
