"""Messages: queued with a change, checked again and rendered when they are sent, and shown in the inbox."""
