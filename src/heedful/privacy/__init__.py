"""What may be known about a person, by whom and for what."""
