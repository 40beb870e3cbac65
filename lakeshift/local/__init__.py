"""Local room; see docs/architecture.md."""
