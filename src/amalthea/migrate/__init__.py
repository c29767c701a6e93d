"""Programs written for the Keras of old, rewritten for Keras 3 and Amalthea: `python -m amalthea migrate`."""
