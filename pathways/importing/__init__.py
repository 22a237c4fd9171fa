"""Brings records of other systems in, through the same acts that people use."""
