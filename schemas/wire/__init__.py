"""What both sides of Kafka share: names, client arguments, headers, sealing, logs."""
