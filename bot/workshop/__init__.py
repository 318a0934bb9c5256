"""Work on files that strangers sent, in processes of their own with an end to time and memory."""
