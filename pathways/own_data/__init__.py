"""A person's own data: what is kept about them, a copy of it to take away, its correction, and its end.

`inventory` is the one table of all rows that are about a person, which `reach` holds against the models; `describing`
says a row in plain values, `parcel` writes all of it into one file, and `exporting` has the acts of that. `erasing`
takes a person out of everything, with the `work` that waits about them. `names` lets holders ask for another name. It
must not decide anything about what was earned.
"""
