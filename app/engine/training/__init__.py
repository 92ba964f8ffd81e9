"""The training pipeline of the bundled models: data in, a model folder with an honest card out."""
