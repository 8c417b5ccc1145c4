"""Running connectors: reading feeds, sending claims, serving inlets, saying how each one is."""
