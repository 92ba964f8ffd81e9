"""The independent check of a bundle, written from resources/formats/bundle.md; exports nothing.

Nothing here is imported from app.models, so that a mistake of the exporter is not made twice.
"""
