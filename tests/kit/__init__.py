"""A kit through which any connector is run: the sentences of connectors/CONTRACT.md, each as a check."""
