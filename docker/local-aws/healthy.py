"""Whether the local AWS of this container answers: exit code 0 or 1. What the image's HEALTHCHECK runs."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request

ADDRESS = f"http://127.0.0.1:{os.environ.get('LAKESHIFT_PORT') or 4566}/_lakeshift/health"


def main() -> int:
    """Ask once, round any proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(ADDRESS, timeout=4) as answer:
            return 0 if answer.status == 200 else 1
    except (urllib.error.URLError, OSError) as error:
        sys.stderr.write(f"{ADDRESS}: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
