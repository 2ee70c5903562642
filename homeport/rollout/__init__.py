"""A deploy to many hosts, a batch at a time: canaries first, and an end where one fails."""
