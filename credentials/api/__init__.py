"""Answers programs: the same acts as the pages, as JSON."""
