"""The schema registry: registries, schemas, their versions and what may follow on what."""
