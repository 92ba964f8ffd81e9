"""The command line: one module per command, each calling the same engine as the window."""
