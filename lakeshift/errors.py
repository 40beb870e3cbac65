"""Errors of our own; an error that AWS has keeps AWS's code and text instead."""

from __future__ import annotations

__all__ = ["LakeshiftError", "NotSupportedLocallyError"]


class LakeshiftError(Exception):
    """Base of every error a command reports to the user; the text names the next step."""


class NotSupportedLocallyError(LakeshiftError):
    """A feature of the real service that the local one refuses rather than pretends to have."""

    def __init__(self, feature: str, instead: str, page: str) -> None:
        """Name the ``feature``, what to do ``instead``, and the documentation ``page`` (a URL)."""
        super().__init__(f"{feature} is not supported locally. {instead} See {page}")
        self.feature = feature
        self.instead = instead
        self.page = page
