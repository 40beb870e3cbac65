"""A job with a bookmark that lives in the process of the test."""

from __future__ import annotations

from lakeshift.glue_runtime.engine.job import JobState


class Bookmarked(JobState):
    """Remembers by every transformation context."""

    def remembers(self, context: str) -> bool:
        return bool(context)

    def next_run(self) -> None:
        """Commit, and begin the next run."""
        self.before.contexts.update(self.after)
        self.after = {}
