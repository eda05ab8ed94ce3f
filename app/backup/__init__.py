"""Everything the service keeps, in one sealed file: made while it runs, put back anywhere."""
