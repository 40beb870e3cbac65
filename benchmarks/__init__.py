"""Claims about speed, each a ratio measured in one run against a named peer: ``make bench``."""
