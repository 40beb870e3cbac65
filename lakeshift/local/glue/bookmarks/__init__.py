"""Job bookmarks; see docs/architecture.md."""
