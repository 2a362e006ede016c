"""The schedule: sources read by themselves, each at its time, what they say journaled before they go on."""
