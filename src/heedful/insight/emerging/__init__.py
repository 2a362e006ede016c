"""What grows beyond its own history, of everything that messages are sorted by and every word they use.

`said` turns texts into a `Stream` of names, `growing` compares each name's recent messages with what its own history
expects, and tells what is left once chance, copies and what is already told are taken out.
"""

from heedful.insight.emerging.growing import Growing, growing
from heedful.insight.emerging.said import said
from heedful.insight.emerging.stream import Name, Stream, joined
from heedful.insight.emerging.told import Finding

__all__ = ["Finding", "Growing", "Name", "Stream", "growing", "joined", "said"]
