"""Models fetched when asked: downloaded, checked against a pinned hash, unpacked, put in place."""
