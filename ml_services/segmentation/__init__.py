"""Groups of customers who are alike, found without a target."""
