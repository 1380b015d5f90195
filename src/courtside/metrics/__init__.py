"""Scores of detections, tracks and the ball / no-ball classifier, and their plots."""
