"""What a recipe is: its compose files and their merged view, references, configs, versions."""
