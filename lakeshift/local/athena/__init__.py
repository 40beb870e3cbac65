"""Athena over the Glue catalog."""
