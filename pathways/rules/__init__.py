"""The rule language: knows requirements, records, exact evaluation; must not know Django, a database or the clock."""
