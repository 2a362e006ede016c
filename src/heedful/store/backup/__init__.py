"""Backups: a copy of every database at one moment, packed into one file, and a workspace made of it again."""
