"""The drawings that ship as overlays; run scripts/draw_layers.py."""
