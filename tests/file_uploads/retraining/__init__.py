"""Tests of the pipeline that keeps models alive."""
