"""Gathers images and videos from elsewhere: where they are found, how they are asked for, what is kept of them."""
