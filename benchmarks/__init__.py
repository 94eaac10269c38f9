"""Speed measured against floors of the same run; `python -m benchmarks` (docs/benchmarks.md)."""
