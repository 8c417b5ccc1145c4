"""Data of the demo, and what makes them."""
