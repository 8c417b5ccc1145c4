"""The other sides of the demo: programs that know the protocol and nothing of the hub."""
