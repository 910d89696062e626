"""Limits: so many predictions, requests and sign-ins a minute and a day, over all processes."""
