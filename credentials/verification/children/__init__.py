"""What runs in child processes: each module by itself, without Django and without the rest of verification."""
