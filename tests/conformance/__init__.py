"""What every predictor, provider and endpoint must pass."""
