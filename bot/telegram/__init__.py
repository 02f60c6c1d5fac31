"""The Telegram channel: messages and inline queries in, replies out.

* app       builds the Application and runs it until it is told to stop
* handlers  a message -> Conversation.reply -> messages; what happens when that fails
* listening which messages are for the bot, and what they reply to
* render    a Reply -> texts with entities, short enough for Telegram
* pacing    waits where Telegram says 429, in the one chat that it says it for
* redaction keeps the bot's token out of the log
"""
