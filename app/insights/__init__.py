"""What a diary can honestly say: plain values in, plain values out; no database, no clock."""
