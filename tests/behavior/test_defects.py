"""What other bots get wrong, or are complained about for, and the test that shows that this one does not.

Each line is a defect that was found in another bot, or a complaint of those who used it. Whoever renames or removes a
test says here which one shows it now. Some had no test of their own elsewhere: those are at the end.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from qqgroup_provision.behavior.checks import faults
from qqgroup_provision.behavior.conditions import Expression, Flood
from qqgroup_provision.behavior.configuration import Configuration, Penalty, Rule
from qqgroup_provision.behavior.decision import Mute
from tests.behavior.material import BEN, GROUP, Talk, contains, ready, reply

TESTS = Path(__file__).parent.parent

# What went wrong: the tests that show it, as file under tests/ and name.
DEFECTS: dict[str, tuple[str, ...]] = {
    # Seen in the code of other bots
    "setting the length of one mute changes that of another": (
        "behavior/test_defects.py::test_the_mute_of_one_rule_is_no_concern_of_another",
    ),
    "a bot that begins after midnight within a curfew does nothing": (
        "behavior/test_curfew.py::test_a_bot_that_begins_after_midnight_within_a_window_mutes_at_once",
        "behavior/test_timing.py::test_a_night_holds_before_and_after_midnight",
    ),
    "an error of the server deletes the curfew's task": (
        "behavior/test_curfew.py::test_what_fails_is_tried_again_and_the_task_is_not_lost",
    ),
    "there can be one curfew only": ("behavior/test_curfew.py::test_there_may_be_several_windows",),
    "letters in that order are taken for the term, and the term within a sentence is not": (
        "behavior/test_review.py::test_a_term_is_contained_or_not_and_letters_of_it_in_that_order_are_no_match",
    ),
    "a wrong answer is never refused": (
        "behavior/test_review.py::test_a_wrong_answer_is_refused_where_the_rules_say_so",
    ),
    "an expression freezes the bot": (
        "behavior/test_index.py::test_an_expression_made_to_be_slow_is_not",
        "behavior/test_hostile.py::test_twice_as_long_is_twice_the_work_at_most_and_then_no_more",
    ),
    "an expression that is wrong becomes a text": (
        "behavior/test_checks.py::test_what_re2_does_not_take_is_an_error_at_its_place",
    ),
    "what an admin writes in the chat is evaluated": (
        "behavior/test_commands.py::test_what_people_write_is_never_evaluated",
    ),
    "what was switched on cannot be switched off": (
        "behavior/test_review.py::test_a_review_that_was_switched_off_decides_nothing",
        "behavior/test_newcomer.py::test_a_check_that_was_switched_off_removes_nobody",
    ),
    "a comment without the word before the answer is an error": (
        "behavior/test_review.py::test_of_a_comment_only_the_answer_counts_even_where_it_has_none",
    ),
    "who never spoke was silent since 1970": (
        "behavior/test_inactive.py::test_never_having_spoken_is_no_silence_since_1970",
        "bot/test_census.py::test_a_time_that_is_not_told_is_not_1970",
    ),
    "who has just come is removed for silence": (
        "behavior/test_inactive.py::test_somebody_who_has_just_come_has_time_to_speak",
    ),
    "admins are removed for silence": ("behavior/test_inactive.py::test_owner_admins_and_bots_are_never_silent",),
    "a list of the silent mentions each of them": (
        "behavior/test_inactive.py::test_a_report_names_them_and_mentions_nobody",
    ),
    "everyday words are offences by themselves": (
        "behavior/test_defects.py::test_everyday_words_are_nobodys_offence_unless_a_rule_says_so",
    ),
    "a Chinese word within Chinese is no whole word": (
        "behavior/test_index.py::test_a_chinese_word_within_chinese_is_a_whole_word",
    ),
    # Complaints: configuration of each group, and its reuse
    "banned words are those of all groups": (
        "behavior/test_defects.py::test_the_words_of_one_group_are_no_other_groups",
        "workspace/test_rules.py::test_rules_are_composed_by_key_and_inherited_and_those_of_the_group_come_first",
    ),
    "rules cannot be taken over from another group": (
        "workspace/test_behavior.py::test_replies_are_composed_as_other_lists_and_the_groups_own_come_first",
    ),
    "there is no blacklist for all groups beside that of each": (
        "workspace/test_joining.py::test_a_blacklist_is_inherited_and_a_list_of_ones_own_takes_its_place",
    ),
    "a configuration cannot be taken to another bot": (
        "workspace/test_behavior_document.py::test_what_goes_in_comes_out",
    ),
    "everything is switched on in every group": (
        "workspace/test_behavior.py::test_a_group_that_says_nothing_of_a_bot_has_no_behaviour",
        "bot/test_host.py::test_what_is_ours_or_of_a_group_without_behaviour_is_not_answered",
    ),
    "nobody knows whom lists of exceptions spare": (
        "behavior/test_judging.py::test_who_is_exempt_or_may_be_an_admin_is_never_touched",
    ),
    "anybody can add answers": (
        "behavior/test_commands.py::test_a_setting_of_a_group_is_never_changed_by_a_command",
    ),
    "people are removed in every group in which the bot is an admin": (
        "behavior/test_inactive.py::test_groups_that_say_nothing_of_it_are_never_looked_at",
    ),
    "a change of a list takes a restart": (
        "bot/test_run.py::test_people_are_answered_in_order_while_the_behaviour_is_replaced_and_after_the_power_failed",
        "bot/test_beginning.py::test_a_workspace_that_is_watched_keeps_what_was_right_until_it_is_right_again",
    ),
    # Complaints: who comes in
    "who does not answer is not removed, or without notice": (
        "behavior/test_newcomer.py::test_who_does_not_answer_is_removed_once_after_a_reminder",
    ),
    "requests cannot be decided by level and words together": (
        "behavior/test_review.py::test_all_that_a_rule_demands_has_to_be_so",
        "behavior/test_review.py::test_a_level_that_nobody_tells_is_never_too_low_and_never_high_enough",
    ),
    "a word that accepts loses to one that refuses, and that cannot be changed": (
        "behavior/test_review.py::test_the_first_rule_that_fits_decides_and_says_which_it_is",
    ),
    "who was invited is refused for saying nothing": (
        "behavior/test_review.py::test_who_was_brought_along_has_answered_nothing_and_is_refused_for_no_answer",
        "bot/test_joining.py::test_an_empty_comment_is_an_invitation_unless_the_server_knows_better",
    ),
    "whom the owner or an admin invited is asked": (
        "behavior/test_newcomer.py::test_whom_an_admin_brings_along_is_not_asked",
        "bot/test_joining.py::test_what_an_inviter_is_in_the_group_is_looked_up",
    ),
    "newcomers are asked no more after some time, and nobody notices": (
        "behavior/test_newcomer.py::test_deadlines_outlast_a_restart",
        "bot/test_joining.py::test_what_was_decided_and_who_is_waited_for_outlast_the_process",
    ),
    "attempts are forgotten at a restart": ("behavior/test_review.py::test_attempts_outlast_a_restart",),
    "a request that is told twice is decided twice": (
        "behavior/test_review.py::test_no_request_is_ever_decided_twice",
        "bot/test_joining.py::test_a_request_that_two_accounts_hear_is_answered_once_by_the_first",
    ),
    # Complaints: what is said
    "what is looked for cannot be limited to some people": (
        "behavior/test_decide.py::test_a_reply_is_for_those_it_names",
    ),
    "an empty expression matches every picture, and cannot be deleted": (
        "behavior/test_defects.py::test_an_expression_that_every_picture_would_match_is_an_error",
        "behavior/test_checks.py::test_a_text_of_nothing_but_invisible_characters_is_an_error",
    ),
    "fuzzy is a word for two things": (
        "behavior/test_index.py::test_a_text_stands_as_it_is_asked_to",
        "behavior/test_index.py::test_a_sentence_is_resembled_by_score",
    ),
    "nothing of a list that is shared can be taken back in one group": (
        "workspace/test_behavior.py::test_null_takes_back_what_a_template_says",
    ),
    "the log does not show what matched": (
        "behavior/test_decide.py::test_the_reason_names_the_item_the_condition_and_what_was_really_written",
    ),
    "the bot acts on itself": (
        "behavior/test_decide.py::test_neither_itself_nor_another_bot_is_ever_answered",
        "bot/test_host.py::test_one_of_ours_is_never_punished_whatever_was_decided",
    ),
    "anybody may have others muted or removed": (
        "behavior/test_commands.py::test_nobody_without_a_right_ever_has_the_bot_do_anything",
        "behavior/test_commands.py::test_whoever_merely_is_an_admin_in_qq_may_command_nothing_and_is_not_answered",
    ),
    "a command has no option that the README describes": (
        "docs/test_docs.py::test_no_page_uses_an_option_that_no_command_has",
    ),
    # Complaints: what cannot be relied on
    "a curfew is lost at a restart": (
        "bot/test_timed.py::test_a_bot_that_is_begun_anew_within_a_curfew_mutes_and_lets_people_speak_in_the_end",
    ),
    "a curfew is one of another time zone": ("behavior/test_cron.py::test_a_time_is_one_of_the_zone",),
    "a blacklist cannot be seen, and is lost when something else is changed": (
        "planning/test_joining.py::test_both_are_resources_of_their_own_and_a_change_of_one_leaves_the_other",
    ),
    "what was due is missed at random": (
        "behavior/test_schedules.py::test_after_downtime_it_is_said_once_and_only_if_it_is_not_too_old",
        "bot/test_timed.py::test_what_was_due_while_no_bot_ran_is_said_once",
    ),
    "what is due is done twice": (
        "behavior/test_schedules.py::test_whenever_it_is_looked_each_time_is_said_at_most_once_and_none_too_late",
        "behavior/test_curfew.py::test_a_second_bot_process_within_a_window_does_nothing_again",
    ),
    "QQ's own robot among the members is an error": (
        "behavior/test_inactive.py::test_owner_admins_and_bots_are_never_silent",
        "bot/test_census.py::test_what_else_is_told_of_a_member",
    ),
    "a list of members out of a cache is believed": (
        "behavior/test_inactive.py::test_a_list_that_does_not_know_what_the_bot_heard_is_an_old_one",
        "platforms/test_milky_reader.py::test_lists_are_asked_for_freshly_and_members_without_oneself_are_not_believed",
    ),
    "an announcement cannot be edited": (
        "planning/test_make_plan.py::test_a_replaced_announcement_is_up_before_the_old_one_goes",
    ),
    "an upload fails, or is gone after a while, where there is no room": (
        "cli/test_files.py::test_no_room_is_told_before_anything_is_sent",
    ),
    "an account is frozen for saying too much at once": (
        "bot/test_pace.py::test_messages_in_one_group_are_apart_and_those_of_one_account_in_several_too",
        "bot/test_pace.py::test_accounts_do_not_wait_for_each_other_and_pauses_are_not_all_the_same_length",
    ),
    "several accounts in one group all answer": (
        "bot/test_run.py::test_servers_that_connect_to_the_bot_are_answered_once_however_many_of_its_accounts_hear_it",
    ),
    "reports come at no set time": (
        "behavior/test_statistics.py::test_a_report_is_said_once_also_by_a_bot_that_begins_anew_at_that_moment",
    ),
    "there is one text of welcome only": (
        "behavior/test_decide.py::test_draws_follow_their_weights_and_repeat_themselves",
    ),
    "what somebody said before cannot be taken back with the message that breaks a rule": (
        "behavior/test_conduct.py::test_a_step_recalls_the_last_messages_of_who_broke_the_rule_and_of_nobody_else",
        "behavior/test_conduct.py::test_what_was_said_by_an_admin_is_never_recalled",
    ),
    "names in the group are not looked at": (
        "behavior/test_conduct.py::test_a_card_is_reminded_of_first_and_at_most_once_in_the_time",
        "behavior/test_conduct.py::test_nobody_is_penalised_for_a_card_that_nobody_sees",
    ),
    "a wrong type in YAML reaches the chat": (
        "workspace/test_behavior.py::test_a_fault_is_told_where_it_is",
        "workspace/test_behavior_document.py::test_whatever_else_is_sent_is_refused_and_nothing_breaks",
    ),
}


@cache
def names_in(path: Path) -> frozenset[str]:
    """The names of the tests that a file has."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_of_others_has_a_test_that_is_there(defect: str) -> None:
    for named in DEFECTS[defect]:
        file, _, name = named.partition("::")
        assert (TESTS / file).is_file(), f"{defect}: {file} is gone"
        assert name in names_in(TESTS / file), f"{defect}: {name} is gone from {file}"


def test_the_mute_of_one_rule_is_no_concern_of_another() -> None:
    def muted(words: float, flood: float) -> tuple[list[int], list[int]]:
        rules = (
            Rule("words", "词", contains("代充"), (Penalty(mute=words),), 60.0),
            Rule("flood", "刷屏", Flood(3, 60.0), (Penalty(mute=flood),), 60.0),
        )
        talk = Talk(ready(rules=rules))
        first = talk.hear("代充", sender=BEN)
        second = [talk.hear(str(number), sender=BEN) for number in range(3)][1]
        return tuple(  # type: ignore[return-value]
            [action.seconds for action in decision.actions if isinstance(action, Mute)]
            for decision in (first, second)
        )

    assert muted(60.0, 120.0) == ([60], [120])
    assert muted(600.0, 120.0) == ([600], [120])
    assert muted(60.0, 1200.0) == ([60], [1200])


@pytest.mark.parametrize("word", ["教程", "课程", "个人", "合作", "学技术", "4k", "机器人", "脚本", "手机"])
def test_everyday_words_are_nobodys_offence_unless_a_rule_says_so(word: str) -> None:
    ads = Rule("ads", "禁止广告", contains("代充"), (Penalty(kick=True),), 60.0)

    assert Talk(ready(rules=(ads,))).hear(f"有没有{word}推荐", sender=BEN).actions == ()
    assert Talk(ready()).hear(f"{word}，加我微信", sender=BEN).actions == ()


def test_the_words_of_one_group_are_no_other_groups() -> None:
    def group(key: str, word: str) -> Talk:
        rule = Rule("words", "词", contains(word), (Penalty(mute=60.0),), 60.0)
        return Talk(ready(group=key, rules=(rule,)))

    first, second = group("hub", "代充"), group("jobs", "内推")
    assert first.hear("代充", sender=BEN).actions
    assert not first.hear("内推", sender=BEN).actions
    assert second.hear("内推", sender=BEN).actions
    assert not second.hear("代充", sender=BEN).actions


@pytest.mark.parametrize("written", ["", "a*", "(广告|)", ".*", "^"])
def test_an_expression_that_every_picture_would_match_is_an_error(written: str) -> None:
    found = list(faults(Configuration("hub", GROUP, replies=(reply("a", Expression(written), "好"),))))

    assert [item.code for item in found] == ["QG331"]
