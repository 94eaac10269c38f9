"""Lists as Excel files: one engine, and for each list what its file shows."""
