"""Builds the one page that shows it all."""
