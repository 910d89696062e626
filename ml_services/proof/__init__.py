"""The page of `manage.py prove`: what a model is worth on the data given, and what it costs."""
