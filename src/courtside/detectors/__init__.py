"""Detectors behind one protocol: fit, predict on a stream of frames, save and load."""
