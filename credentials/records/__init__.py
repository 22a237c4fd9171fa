"""Puts a learner's credentials together into one signed record, at their wish.

`asking` keeps what was asked for, `contents` says what the record holds, and `making` signs it, in a worker. It must
not know how credentials came about: it takes them as they were signed.
"""
