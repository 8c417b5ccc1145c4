"""The yardstick job of peers/kafka-streams, done on this project's engine."""
