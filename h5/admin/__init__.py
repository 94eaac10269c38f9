"""管理: the pages of administrators."""
