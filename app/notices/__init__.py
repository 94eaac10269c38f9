"""Who is told what, and proof of it."""
