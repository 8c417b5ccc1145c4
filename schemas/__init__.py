"""The contract of the hub: events, their bytes, their ids, and what both sides of Kafka share."""
