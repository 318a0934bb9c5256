"""Understanding what stands on a page of a medical report; pure, on what a machine read."""
