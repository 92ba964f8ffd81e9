"""Everything that computes: torch, numpy and OpenCV, never Qt."""
