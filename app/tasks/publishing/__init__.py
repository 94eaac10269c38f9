"""Publishing a task, and changing it afterwards: drafts, previews, edits, who is copied in."""
