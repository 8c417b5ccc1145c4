"""CSV files of other systems: transport reads rows, the mapping (departments/*.toml) says what they mean, translation
turns rows into claims."""
