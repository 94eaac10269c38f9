"""Who: people, regions, roles, support areas, sign-in sessions."""
