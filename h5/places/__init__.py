"""The division tree in which places are chosen."""
