"""Writing plans, answering them, and what each side sees of them."""
