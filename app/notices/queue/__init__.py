"""What is to be said to whom: put in words, drawn as a card and queued, or kept back for the night."""
