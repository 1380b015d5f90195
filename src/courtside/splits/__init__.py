"""Divides frames into training, validation and test, and proves that nothing leaks between them."""
