"""The one page that shows what was done to which data and how good it is."""
