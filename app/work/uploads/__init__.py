"""What browsers upload: recognised by content, cleaned, named, kept on disk."""
