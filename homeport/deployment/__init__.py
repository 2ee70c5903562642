"""A deploy's begin and confirm, the rollback, locks and reports."""
