"""The keys of issuers: made ahead, kept encrypted, one for each purpose, rotated and given up; nothing here signs."""
