"""What every kind of work has: history, form keys, deadlines, leases."""
