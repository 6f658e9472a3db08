"""Quizzes: whoever answers a question right first gets its point."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from qqgroup_provision.behavior.activities.model import Question, Quiz
from qqgroup_provision.behavior.activities.saying import Piece, Script
from qqgroup_provision.behavior.conditions import holds
from qqgroup_provision.behavior.event import Message, Text, text_of
from qqgroup_provision.behavior.index import Index, heard

Won = Mapping[int, tuple[int, str]]  # by the number of a question, from 0: who was first, by number and name

_NUMBERED = re.compile(r"\s*([0-9]{1,2})\s*[.．、:：)）]?\s*(?=\S)(.+)", re.DOTALL)


def quiz_opens(quiz: Quiz) -> str:
    if quiz.each:
        return f"共 {len(quiz.questions)} 题，一题一题来，先答对的得 1 分\n{asked(quiz, 0)}"
    questions = "\n".join(f"{number}. {one.ask}" for number, one in enumerate(quiz.questions, 1))
    return f"{questions}\n回答时先写题号，例如：1 答案；每题先答对的得 1 分"


def asked(quiz: Quiz, number: int) -> str:
    return f"第 {number + 1} 题：{quiz.questions[number].ask}"


def answered(quiz: Quiz, message: Message, won: Won, current: int, index: Index) -> int | None:
    """The number of the question that a message answers right and that nobody has before. `index` has all answers."""
    if quiz.each:
        right = current < len(quiz.questions) and is_right(quiz.questions[current], message, index)
        return current if right and current not in won else None
    found = _NUMBERED.fullmatch(text_of(message.segments)[:500])
    number = int(found[1]) - 1 if found else -1
    if found is None or not 0 <= number < len(quiz.questions) or number in won:
        return None
    said = replace(message, segments=(Text(found[2]),))
    return number if is_right(quiz.questions[number], said, index) else None


def is_right(question: Question, message: Message, index: Index) -> bool:
    return holds(question.answer, index.search(heard(message)))


def passed(quiz: Quiz, number: int) -> str:
    """What is said of a question nobody has answered in time."""
    told = quiz.questions[number].told
    return f"时间到，第 {number + 1} 题没有人答对" + (f"，答案是：{told}" if told else "")


def quiz_closes(won: Won) -> Script:
    """Who has how many points. Of equal ones whoever has won an earlier question is first."""
    if not won:
        return ((0, "没有人答对"),)
    points: dict[int, int] = {}
    names: dict[int, str] = {}
    for number in sorted(won):
        qq, name = won[number]
        points[qq] = points.get(qq, 0) + 1
        names.setdefault(qq, name)
    ranked = sorted(points, key=lambda qq: -points[qq])
    lines: list[Piece] = [(0, "\n".join(f"{names[qq]}：{points[qq]} 分" for qq in ranked))]
    return tuple(lines)
