"""moto's Redshift does not bring EC2 along, and still has it when a cluster asks."""

from __future__ import annotations

import subprocess
import sys

_SCRIPT = """
import sys
from lakeshift.local import moto_ec2
moto_ec2.import_redshift()
from moto.redshift.models import redshift_backends
print([name for name in sys.modules if name.startswith("moto.ec2")])
backend = redshift_backends["123456789012"]["us-east-1"]
print(len(backend.ec2_backend.describe_security_groups()), "moto.ec2" in sys.modules)
"""


def test_ec2_is_imported_when_redshift_first_asks_it() -> None:
    told = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    assert told[0] == "[]"
    # the default security group of the default network
    assert told[1] == "1 True"
