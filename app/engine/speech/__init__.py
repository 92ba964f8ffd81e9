"""Words that are spoken: a recogniser in a process of its own, offline, and never trusted blindly."""
