"""What pages, exports and other systems read of published work, within what the reader may see."""
