"""Frozen values and the case file: standard library and numpy only, no Qt and no torch."""
