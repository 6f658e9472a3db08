"""click's own words in the language in use: `Usage:`, `Options:`, what is wrong with an option.

click takes them from the current domain of `gettext`, and gettext takes the language from LANGUAGE. Their
translations stand in a catalogue of their own, locale/*/LC_MESSAGES/click.po: some have plurals, which the
sentences of `say` never do. After a change: pybabel compile -D click -d qqgroup_provision/locale
"""

from __future__ import annotations

import gettext
import os
from pathlib import Path

LOCALE = Path(__file__).parent.parent / "locale"


def translate_click(language: str) -> None:
    """Let click speak this language from now on. One without a catalogue is English."""
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain("click", str(LOCALE))
    gettext.textdomain("click")
