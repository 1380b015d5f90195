"""How boxes look, as numbers that tell one player from another."""
