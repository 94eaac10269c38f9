"""The pages of people and of the places they serve."""
