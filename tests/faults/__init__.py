"""Faults made on purpose, on real processes and a database server of their own: what a job must live through."""
