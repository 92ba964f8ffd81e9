"""Everything that is seen: PySide6, never torch."""
