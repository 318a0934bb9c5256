"""How fast and how safe Saathi's turns are, side by side with its peers."""
