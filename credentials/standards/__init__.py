"""Published formats as pure functions: they know bytes and JSON, no database, setting, clock or network."""
