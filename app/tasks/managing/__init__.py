"""What those who manage a task do once it is published: urge, send back, revoke, pause, see who saw it."""
