"""Starts, watches and ends the processes of a one-machine site. Knows processes and sockets, and no rows."""
