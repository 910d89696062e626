"""From probabilities to what people do: bands that stay, money and capacity, who moves at a promotion, the shadow."""
