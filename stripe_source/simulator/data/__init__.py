"""What the simulator knows of Stripe's shapes: JSON files generated from the installed SDK."""
