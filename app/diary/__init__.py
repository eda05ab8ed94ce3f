"""How what a patient says becomes a day."""
