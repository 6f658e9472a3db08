"""Every sentence a user reads: an English template, its values, and the language chosen at the edge."""

from __future__ import annotations

import gettext
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

LANGUAGES = ("en", "zh_CN")
_LOCALE = Path(__file__).parent / "locale"
_current = "en"
_NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence not yet put into a language.

    Kept apart from its rendering so that a plan saved in English can be shown in Chinese. The template is
    the English sentence and the catalogue's key; values may be `Text` themselves.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=lambda: _NOTHING)

    def __str__(self) -> str:
        sentence = _catalogue(_current).gettext(self.template)
        return sentence.format_map(self.values) if self.values else sentence

    def __hash__(self) -> int:
        return hash(self.template)


def say(template: str, /, **values: object) -> Text:
    """Mark a sentence for translation. The catalogue is extracted from the calls of this function."""
    return Text(template, MappingProxyType(values))


def listed(items: Iterable[object]) -> str:
    """Several things in one sentence, with the comma of the language in use: `a, b` in English, `a、b` in Chinese."""
    return str(say(", ")).join(str(item) for item in items)


def use_language(language: str) -> None:
    """Choose the language of everything rendered from now on: one of `LANGUAGES`."""
    global _current
    _current = language if language in LANGUAGES else "en"


def language() -> str:
    """The language in use."""
    return _current


def language_for(environment: Mapping[str, str]) -> str:
    """The language a process should speak: QQGROUP_LANG, else the locale, else English."""
    for name in ("QQGROUP_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value:
            return "zh_CN" if value.lower().startswith("zh") else "en"
    return "en"


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation("qqgroup", _LOCALE, [language], fallback=True)
