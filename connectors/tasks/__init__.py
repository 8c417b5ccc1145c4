"""Tasks of urban management 城管, whichever way they travel: orders made of items, claims made of words."""
