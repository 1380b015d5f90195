"""What a person runs besides the stages."""
