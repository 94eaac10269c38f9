"""What is mine: 待办, 消息, 我的."""
