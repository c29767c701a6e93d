"""What is measured with: made once for all contestants, from a fixed seed."""
