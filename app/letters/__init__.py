"""Letters: the one a day to therapists who want it, what changed about an account, the way back to one."""
