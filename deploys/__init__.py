"""What kinds of host consist of: each module returns resources and touches nothing."""
