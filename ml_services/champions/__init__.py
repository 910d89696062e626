"""Champion and challenger: what a new version has to show, on rows that neither has learned from, before it serves."""
