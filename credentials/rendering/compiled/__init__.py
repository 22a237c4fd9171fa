"""Compiles a certificate that WeasyPrint has laid out once, and fills it for each learner (design, P2).

Knows PDF, fonts and the marks that our own pages are printed with; no models, no templates. What cannot be filled
exactly as WeasyPrint would print it raises Unfit, and goes the slow way.
"""
