"""What is in a folder of images: `python -m amalthea inspect`."""
