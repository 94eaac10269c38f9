"""Sheets that people fill in, read into plain text; what the cells mean is checked elsewhere."""
