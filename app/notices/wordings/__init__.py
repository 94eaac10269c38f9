"""What people are told: one file of texts for each kind of work, and what is read out of them."""
