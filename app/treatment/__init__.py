"""Treat: sessions booked and held, and what a patient says before and after them."""
