"""Who reads across all kinds reads some of it in a browser."""

from tests.h5.conftest import browser_of

__all__ = ["browser_of"]
