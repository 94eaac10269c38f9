"""Reads across all kinds of work."""
