"""What is read out of a diary for somebody else. Reads, writes nothing."""
