"""A stand-in for the WeCom server and its phone and desktop clients; imports nothing of the product."""
