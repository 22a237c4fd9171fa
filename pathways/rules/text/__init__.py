"""Rules as text that a registrar reads and writes: one part a line, indented under what it belongs to.

    all of #root
      hold data-basics, statistics; level at least 5; current
      earn 60; tags electives; earned within 5 years #electives
        where limit; at least share 2/3; level at least 6

A line is a word for the part with what it asks first, then clauses after semicolons, then `#` and its id, which may be
left out when writing. The clauses are the fields of the JSON with spaces for underscores. Lines beginning with `--`
are remarks and are not kept. The text says exactly what the JSON says, and every refusal names its line and column.

`placed` knows where in a text something stands, `words` how lines and clauses begin, `values` how each kind of value is
said; `writing` and `reading` are the two directions. None of them knows what a rule means.
"""

from pathways.rules.text.placed import TextError
from pathways.rules.text.reading import from_text, read_clauses, read_condition, read_head, read_part, read_value
from pathways.rules.text.words import CONDITION_LINES, INDENT, PART_LINES, RESULT_LINES
from pathways.rules.text.writing import clauses_text, condition_text, head_text, part_text, to_text, value_text

__all__ = [
    "CONDITION_LINES",
    "INDENT",
    "PART_LINES",
    "RESULT_LINES",
    "TextError",
    "clauses_text",
    "condition_text",
    "from_text",
    "head_text",
    "part_text",
    "read_clauses",
    "read_condition",
    "read_head",
    "read_part",
    "read_value",
    "to_text",
    "value_text",
]
