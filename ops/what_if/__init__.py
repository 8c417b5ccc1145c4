"""What would have become of clocks under another standard or calendar: read, folded and told, never written."""
