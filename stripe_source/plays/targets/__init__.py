"""What a play delivers to: an action, a webhook or a Python function, one file each."""
