"""Who may have stored bytes, their links, and how they are sent."""
