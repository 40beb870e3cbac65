"""Workflows: runs of a graph of triggers, jobs and crawlers."""
