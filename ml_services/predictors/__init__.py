"""The predictors, one a file. Nothing else is edited to add one: `ml_services.registry` finds it here."""
