"""What the Spark side needs beyond pyspark: jars by Maven, and a few Java classes of our own."""

from __future__ import annotations
