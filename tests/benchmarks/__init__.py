"""How fast syncs are, beside what would be possible: ``python -m tests.benchmarks``."""
