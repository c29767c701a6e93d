"""The loaders; the only place that imports Keras."""
