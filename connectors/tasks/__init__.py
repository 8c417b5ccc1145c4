"""Tasks as urban management 城管 knows them, whichever way they travel: orders made of feed items, claims of status words."""
