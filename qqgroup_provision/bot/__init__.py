"""The bot that carries out what the behaviour engine decides: it hears events through NoneBot, and speaks.

`host.py` is the whole of it without any protocol; `hearing.py` and `doing.py` are what knows OneBot 11, those with
`milky` in their names what knows Milky. `run.py` puts it together as a process of its own.
"""
