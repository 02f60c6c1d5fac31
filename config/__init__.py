"""What the owner decides: one YAML file, and the settings it turns into."""
