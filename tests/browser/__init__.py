"""A package, because the browsers in `conftest.py` stay open for all of its tests."""
