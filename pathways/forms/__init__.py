"""Forms: read what was sent, say what is wrong with it, and decide nothing."""
