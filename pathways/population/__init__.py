"""Judges many learners at once, in columns; what the columns leave open goes to the exact evaluator.

`columns`, `fitting` and `judging` know no database; `reading` fills the columns from it, range by range.
"""
