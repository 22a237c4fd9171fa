"""Answers requests for pages: find through access, act, answer."""
