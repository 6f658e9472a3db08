"""OneBot 11 over HTTP, as NapCat and LLBot really speak it."""
