"""What every page is made of, whatever it is about: this room knows no kind of work."""
