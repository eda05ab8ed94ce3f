"""One letter a day to therapists who want it: how many patients have something new, no more."""
