"""Pseudo-labels: which detections of one round become labels of the next."""
