"""Puts rules into words: what a holding must be like, what holds over a part, the parts, and the rule as a whole.

Every word goes through the language of the reader, which is handed in (`language`); nothing here knows where it comes
from. `explain` makes sentences of it.
"""
