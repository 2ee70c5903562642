"""From YAML to plain data with line numbers."""
