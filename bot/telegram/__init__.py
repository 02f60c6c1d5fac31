"""The Telegram channel: private messages in, replies out.

* app       builds the Application and runs it until it is told to stop
* handlers  a message -> Conversation.reply -> messages; what happens when that fails
* render    a Reply -> texts with entities, short enough for Telegram
* pacing    waits where Telegram says 429, in the one chat that it says it for
* redaction keeps the bot's token out of the log
"""
