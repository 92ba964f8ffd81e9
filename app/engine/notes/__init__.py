"""Photographed notes, handwritten or printed, to text that the officer then corrects."""
