"""A police station on the far side of two one-way folders: its own keys, its own book, nothing of the hub's."""
