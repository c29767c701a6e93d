"""How fast a folder of images is loaded on this machine: `python -m amalthea bench`."""
