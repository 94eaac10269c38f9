"""升级回退: what it makes of rows, what it would do before it is done, and the act itself."""
