"""发布型: one task goes to hundreds of places; each gets a row."""
