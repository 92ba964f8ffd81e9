"""Foreign pictures and sound, decoded in a limited process of their own: only numbers come back."""
