"""The doors of the exchange: each page and endpoint finds, acts, answers."""
