"""Signs what was frozen before: credentials, copies of them, tokens, endorsements, lists and heads of the log."""
