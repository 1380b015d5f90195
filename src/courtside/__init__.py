"""Courtside: from game video and a few labels to a ball detector, tracks and honest numbers."""
