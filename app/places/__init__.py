"""Where: the tree of 行政区划, its import and pinyin."""
