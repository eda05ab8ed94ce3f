"""Remind: when, whether, in which words, to which device, and what became of it."""
