"""Every field of everything that a rule is made of, and how it is read and written: the one list that all else reads.

`holdings` are below `conditions` and `parts`, and `whole` is above them. `notation` makes rules of it, `schema`
publishes it, `text` says it in lines, and a form shows it.
"""
