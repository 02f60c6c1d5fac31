"""The chat bot: one conversation, several channels.  Start reading at conversation.py."""
