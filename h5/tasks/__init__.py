"""The pages of published tasks."""
