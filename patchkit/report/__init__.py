"""What people and programs read: text for a terminal, JSON, pages. No decisions."""
