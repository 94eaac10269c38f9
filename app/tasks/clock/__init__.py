"""What the clock does by itself: it marks rows as 已超期, reminds people and keeps publishers informed."""
