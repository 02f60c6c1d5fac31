"""Finds and quotes passages of the owner's documents; knows nothing of chats.

Start reading at library.py: the whole flow on one page.
"""
