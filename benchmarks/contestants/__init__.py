"""Those who do the work: each function takes what is told of the data and returns a dataset.

What a module imports at its head is there before anything is measured. Modules whose classes are sent to worker
processes import no framework: the workers import them, too.
"""
