"""Contacts: dated incoming messages on the channels where the company writes back, with how long each waited.

A reply is the earliest outgoing message whose parent is the incoming one, or the next outgoing message of its
thread, whichever came first; replies after the asked period count too. What the viewer may not read counts for
nothing: messages of people who refused are neither asked nor waited for.
"""

import narwhals.stable.v2 as nw

from heedful.insight.periods import Period
from heedful.privacy.visible import Frame

AT = nw.col("occurred_at")
OUT = nw.col("direction") == "out"


def contacts(messages: Frame, period: Period) -> Frame:
    """The period's incoming messages with `waited`: minutes (a float) until the first reply, null without one."""
    replied = messages.filter(OUT).select("channel").unique()
    incoming = messages.filter(nw.col("direction") == "in", ~AT.is_null()).join(replied, on="channel", how="semi")
    if (held := period.holds()) is not None:
        incoming = incoming.filter(held)
    later = messages.filter(nw.col("occurred_at") >= nw.lit(period.since)) if period.since else messages
    answered = incoming.join(_by_parent(later), left_on="id", right_on="answered", how="left")
    answered = answered.join(_by_thread(later), left_on="n", right_on="asked", how="left")
    waited = (nw.min_horizontal("named_at", "next_at") - AT).dt.total_seconds() / 60
    return answered.with_columns(waited=waited).drop("named_at", "next_at")


def _by_parent(messages: Frame) -> Frame:
    """For each message that an outgoing one names as its parent, when the earliest of those was written."""
    replies = messages.filter(OUT, ~nw.col("parent").is_null(), ~AT.is_null())
    asked = messages.select(answered=nw.col("id"), asked_at=AT)
    named = replies.select(answered=nw.col("parent"), named_at=AT).join(asked, on="answered", how="inner")
    return named.filter(nw.col("named_at") >= nw.col("asked_at")).group_by("answered").agg(nw.col("named_at").min())


def _by_thread(messages: Frame) -> Frame:
    """For each incoming message of a thread, when the next outgoing one of the same thread was written."""
    told = messages.filter(~nw.col("thread").is_null(), ~AT.is_null())
    told = told.select("n", "thread", "direction", "occurred_at", out_at=nw.when(OUT).then(AT))
    following = nw.col("out_at").fill_null(strategy="backward").over("thread", order_by=["occurred_at", "n"])
    return told.with_columns(next_at=following).filter(~OUT).select("next_at", asked=nw.col("n"))
