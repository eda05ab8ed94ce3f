"""What an operator is told about this installation: what is in order, and what to do about the rest."""
