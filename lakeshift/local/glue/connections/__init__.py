"""Connections to databases, and their test."""
