"""How well questions are answered: expectations in a file, measures over what was found, questions made from the index itself."""
