"""Customer lifetime value from a list of purchases."""
