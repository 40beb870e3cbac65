"""Data quality rulesets: kept and told; the rules are evaluated in a job (EvaluateDataQuality)."""
