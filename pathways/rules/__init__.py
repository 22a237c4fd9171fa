"""The rule language: knows requirements, records, exact evaluation; must not know Django, a database or the clock."""

# Stands in every derivation; grows when the verdict on any record could change.
EVALUATOR_VERSION = "2"
