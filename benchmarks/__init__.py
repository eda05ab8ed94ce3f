"""What the performance promises are measured with. Every number is a share of a floor in the same run."""
