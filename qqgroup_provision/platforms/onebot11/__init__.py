"""OneBot 11 as NapCat, LLBot, Lagrange.OneBot and go-cqhttp really speak it."""
