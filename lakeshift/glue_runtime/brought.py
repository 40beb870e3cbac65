"""What a run's arguments put around its script: environment variables and files in its working directory.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from lakeshift.errors import LakeshiftError
from lakeshift.glue_runtime.description import RunDescription
from lakeshift.glue_runtime.python_modules import fetch

__all__ = ["bring", "customer_variables"]

_PREFIX = "CUSTOMER_"
_PAIR = re.compile(r'\s*([^=,\s]+)=("[^"]*"|[^,]*)(?:,|$)')


def customer_variables(text: str) -> dict[str, str]:
    """Read ``CUSTOMER_KEY1=VAL1,CUSTOMER_KEY2="val2,val2 val2"``.

    Raises:
        LakeshiftError: it is not of that form, or a name does not begin with ``CUSTOMER_``.
    """
    found: dict[str, str] = {}
    place = 0
    while place < len(text.rstrip()):
        pair = _PAIR.match(text, place)
        if pair is None or not pair[1].startswith(_PREFIX):
            raise LakeshiftError(
                f"Environment variables {text[place:]!r}: give {_PREFIX}NAME=value, more of them after commas,"
                " a value with a comma in double quotes."
            )
        found[pair[1]] = pair[2].strip().removeprefix('"').removesuffix('"')
        place = pair.end()
    return found


def bring(run: RunDescription, folder: Path) -> None:
    """Set the driver's variables and copy ``--extra-files`` into ``folder``, the working directory.

    Raises:
        LakeshiftError: a file is not there, has the name of one of the run's own, or is a folder.
    """
    os.environ.update(customer_variables(run.argument("customer-driver-env-vars")))
    for address in filter(None, (part.strip() for part in run.argument("extra-files").split(","))):
        name = address.rsplit("/", 1)[-1]
        if not name or (folder / name).exists():
            raise LakeshiftError(f"--extra-files {address}: name a file that the run's folder has not yet.")
        fetched = fetch(address, folder)
        if fetched.parent != folder:
            (folder / name).write_bytes(fetched.read_bytes())
