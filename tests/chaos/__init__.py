"""Kills at named points, by the hundred: ``make chaos``; a sample of them runs with the tests."""
