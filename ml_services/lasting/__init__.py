"""What can still be told of a prediction long after it was made: why another one differs, cases like it, what if."""
