"""What administrators change for everybody: people, 大区, departments. Every change is on record."""
