"""Reading the print of a page: engines behind one interface, and the pages of a file."""
