"""Tests of the whole site in a real browser: the walk of a learner's work, every page, and bad input."""
