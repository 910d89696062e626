"""Measurements: each prints its figures and ratios; none of them is a test."""
