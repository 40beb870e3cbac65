"""The SDK's descriptions of services, read once by a warm worker and not again by each of its runs."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["load"]

_USUAL: Final = ("s3", "glue", "cloudwatch", "redshift-data")  # what jobs of this pipeline make clients of


def load() -> None:
    """Read what clients of the usual services need, for this process and those that are forked from it.

    A session keeps what it has read, and a run has a session of its own: so what is kept is the content of the SDK's
    files, which do not change, and nothing that a run's environment decides.
    """
    import boto3
    from botocore.loaders import JSONFileLoader

    read, held = JSONFileLoader.load_file, {}

    def once(loader: Any, path: str) -> Any:
        if path not in held:
            found = read(loader, path)
            if found is None:  # no such file yet
                return None
            held[path] = found
        return held[path]

    JSONFileLoader.load_file = once
    # Given keys and a region nothing looks for some; the clients send nothing.
    session = boto3.Session("none", "none", region_name="us-east-1")
    for name in _USUAL:
        session.client(name)
