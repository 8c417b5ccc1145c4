"""Real servers from pip-installed parts, for one machine: Apache Kafka, PostgreSQL, and what keeps them in order."""
