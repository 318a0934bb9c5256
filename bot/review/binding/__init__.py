"""What the experts get beside the originals: bound PDFs, the dossier, what a machine read."""
