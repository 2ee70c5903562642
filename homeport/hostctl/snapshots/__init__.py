"""The state before a deploy: snapshots and generations."""
