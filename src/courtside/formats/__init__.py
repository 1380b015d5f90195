"""Border to the label formats the world uses: files become the boxes table here, and nowhere else."""
