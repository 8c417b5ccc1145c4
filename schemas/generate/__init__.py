"""Writes events.py, codec.py and ids.lock.toml from the Avro schemas: `python -m schemas.generate [--check]`."""
