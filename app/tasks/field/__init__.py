"""What people in the field do with their rows: 反馈, 转派 and 办结, on a page or on a card."""
