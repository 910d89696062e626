"""Files of any size on their way to predictions: cut into chunks, scored by workers, put together again."""
