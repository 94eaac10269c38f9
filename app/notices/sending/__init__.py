"""How what is queued goes out to WeCom: claimed, sent with no transaction open, recorded."""
