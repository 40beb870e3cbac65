"""Run by MiniStack's Python: its policy evaluator, asked without a request. JSON in, a truth value out, by line.

Its simulator (SimulateCustomPolicy) is the same evaluator without condition keys; here they are given. It knows no
policy variables, so the policies that come in have none.
"""

from __future__ import annotations

import json
import sys

from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document  # type: ignore[import-not-found]

for line in sys.stdin:
    asked = json.loads(line)
    context = EvalContext(
        principal_arn="arn:aws:sts::000000000000:assumed-role/subject/x",
        principal_type="AssumedRole",
        principal_account="000000000000",
        action=asked["action"],
        resource_arn=asked["resource"],
        region="us-east-1",
        service_context={key.lower(): value for key, value in asked["keys"].items()},
    )
    found = evaluate(context, [parse_policy_document(json.dumps(asked["policy"]))])
    sys.stdout.write(f"{json.dumps(found.decision == 'Allow')}\n")
    sys.stdout.flush()
