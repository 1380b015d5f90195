"""How good a frame is: measures, shots, verdicts and their summary."""
