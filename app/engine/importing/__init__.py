"""Public checkpoints to model folders, read without running a line from the file."""
