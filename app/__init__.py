"""Aftercare: the diary and reminder service between two treatment sessions."""
