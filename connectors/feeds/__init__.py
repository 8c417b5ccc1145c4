"""Feeds for those who have no Kafka client: read from a place on, shown as JSON, pulled and streamed over HTTP."""
