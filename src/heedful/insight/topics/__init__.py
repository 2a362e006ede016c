"""Topics: what messages are about, found in them, named in their words, and known again when more come."""

from heedful.insight.topics.discover import discover
from heedful.insight.topics.found import NONE, Leaf, Theme, Topics
from heedful.insight.topics.join import join
from heedful.insight.topics.lineage import Event, Known, first, match
from heedful.insight.topics.renew import renew

__all__ = ["NONE", "Event", "Known", "Leaf", "Theme", "Topics", "discover", "first", "join", "match", "renew"]
