"""The topics of a workspace: found in its messages, corrected by people, and known again when more come."""
