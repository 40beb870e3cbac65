"""Seeded data of any size for the benchmarks, in the sample's shapes: ``python -m benchmarks.data ROWS FOLDER``."""
