"""The desk: one person says one thing, in words that a form, a script or a command line can write."""
