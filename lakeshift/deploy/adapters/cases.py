"""Keys with a small first letter, as some APIs have them, and CloudFormation's with a capital one."""

from __future__ import annotations

from typing import Any

__all__ = ["lower", "upper"]


def lower(value: Any) -> Any:
    """``LogGroupArn`` to ``logGroupArn``, through all of ``value``."""
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: lower(one) for key, one in value.items()}
    return [lower(one) for one in value] if isinstance(value, list) else value


def upper(value: Any) -> Any:
    """``logGroupArn`` to ``LogGroupArn``, through all of ``value``."""
    if isinstance(value, dict):
        return {key[0].upper() + key[1:]: upper(one) for key, one in value.items()}
    return [upper(one) for one in value] if isinstance(value, list) else value
