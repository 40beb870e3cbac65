"""Crawlers that crawl: runs, history, classifiers, schedules, metrics."""
