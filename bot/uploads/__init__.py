"""Files too big for a chat come through a page of our own, behind a link that soon expires."""
