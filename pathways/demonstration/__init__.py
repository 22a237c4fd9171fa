"""The demonstration college: what it teaches and who is there, as files, and the loader that acts it out."""
