"""The site: settings, addresses, the worker, and what both domains share."""
