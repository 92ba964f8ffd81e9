"""Spoken words: a recogniser in a process of its own, offline, and never trusted blindly."""
