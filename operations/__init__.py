"""One kind of resource, one phase, one file: what is wanted, the look, the diff, the fix."""
