"""Open311 and the hub's words: forms to claims, feed items to what the public sees, both ways with councils abroad."""
