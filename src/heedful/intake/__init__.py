"""The one door: everything that comes in, by file, by HTTP or from a source, goes through here."""
