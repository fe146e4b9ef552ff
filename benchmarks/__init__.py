"""What reading and writing a page costs: `python -m benchmarks`."""
