"""QQ groups as code: YAML that is validated, planned and applied to live groups."""

from __future__ import annotations

__version__ = "0.1.0"
