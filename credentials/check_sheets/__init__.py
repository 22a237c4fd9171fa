"""Checks many credentials at once for anybody, and signs what was found; what each is worth, verification says."""
