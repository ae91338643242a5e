"""What an operator does with an index as a whole or takes out of it: purge, forget, retention, backup, restore."""
