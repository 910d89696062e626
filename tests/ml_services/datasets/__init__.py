"""Tests of frames as of a date."""
