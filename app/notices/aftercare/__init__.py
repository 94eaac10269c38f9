"""What happens to messages that people hold: taken back, or their cards changed (善后)."""
