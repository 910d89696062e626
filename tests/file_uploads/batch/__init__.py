"""Tests of the batch engine."""
