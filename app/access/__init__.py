"""Who comes in, and who is let near whom."""
