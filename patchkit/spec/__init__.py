"""Fix specs: the model, the loader that remembers line and column, params and templates."""
