"""What a lake and its runs would cost on AWS, at list prices kept in one file."""

from __future__ import annotations
