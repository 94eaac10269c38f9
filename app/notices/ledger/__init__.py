"""Every message with its proof: what people read, look up, send again and, after months, keep as numbers."""
