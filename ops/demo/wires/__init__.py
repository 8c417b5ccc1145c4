"""Scripts of plays over the wires."""
