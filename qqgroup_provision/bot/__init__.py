"""The bot that carries out what the behaviour engine decides: it hears events through NoneBot, and speaks.

`host.py` is the order of things, without any protocol. What it needs has rooms of its own: `accounts.py` (who is
there, and speaks), `completing.py` (what is asked before an event is decided), `asking.py` (what is asked meanwhile),
`carrying_out.py` (what was decided), `listening.py` (since when, and how far), `arriving.py` (what was missed),
`unfinished.py` (what is not known to be done), `waking.py` (what is due later) and `fellows.py` (other bots).

`hearing.py` and `doing.py` are what knows OneBot 11, those with `milky` in their names what knows Milky. `run.py`
puts it together as a process of its own.
"""
