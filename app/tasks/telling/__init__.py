"""Who is told of an act and with which facts, and what becomes of messages that people already hold."""
