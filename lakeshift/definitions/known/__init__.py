"""The types that can be deployed, a module for each neighbourhood of services."""
