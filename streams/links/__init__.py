"""Links: what a fact of one subject means for another. Reads facts of every partition, sends claims."""
