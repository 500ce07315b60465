"""What the Makefile's targets run: the program, on the offline AWS, through the real engine."""
