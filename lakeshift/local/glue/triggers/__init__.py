"""Triggers: what starts jobs and crawlers on demand, on a schedule, on events and on the end of others."""
