"""投递: what became of every message."""
