"""What the emulator answers and the program sends, judged by models that nobody here wrote."""
