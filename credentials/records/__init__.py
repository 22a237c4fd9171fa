"""Puts a learner's credentials together into one signed record, at their wish.

`asking` keeps what was asked for, `contents` says what the record holds, `making` signs it, in a worker, and `renewing`
has it made anew when a key was given up. It must not know how credentials came about: it takes them as they stand.
"""
