"""Searches: a query language for people who know listening tools, and what it means for a message and for the store."""
