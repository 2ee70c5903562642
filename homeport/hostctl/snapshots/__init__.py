"""What was there before: snapshots and generations."""
