"""Scripts of the five places, one TOML file each; ops/scenario plays them."""
