"""Six people and their therapist, to look around with. None of them exists."""
