"""What homeport costs, measured."""
