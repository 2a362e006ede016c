"""Heedful: hear what customers say and do, understand it, and answer with evidence."""

__version__ = "0.1.0"
