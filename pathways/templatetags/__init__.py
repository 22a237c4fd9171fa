"""Tags of the learning pages."""
