"""Chat groups with a robot: `python -m ops.demo.counterparts.chat_group`."""
