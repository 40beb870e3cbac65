"""Loaders that bring records from their sources into the raw zone."""
