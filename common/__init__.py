"""Shared transforms of the Glue jobs, shipped to Glue as a wheel."""
