"""The warehouse equals the account after any history and any fault."""
