"""Reference data: documents that people keep, read into what the hub judges by."""
