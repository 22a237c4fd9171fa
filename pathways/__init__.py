"""Courses, assessment, pathways, and the decision that something was earned."""
