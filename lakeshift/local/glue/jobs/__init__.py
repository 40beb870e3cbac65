"""Job runs that run, and the definitions around them; see docs/architecture.md."""
