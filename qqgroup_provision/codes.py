"""Every diagnostic code, what it means and what to do. Codes are stable: one is never given a new meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from qqgroup_provision.messages import Text, say


@dataclass(frozen=True, slots=True)
class Code:
    """A diagnostic code as `qqgroup explain` tells it."""

    code: str
    title: Text
    meaning: Text
    remedy: Text


def _table(*codes: Code) -> Mapping[str, Code]:
    return MappingProxyType({code.code: code for code in codes})


CODES: Mapping[str, Code] = _table(
    Code(
        "QG101",
        say("Not UTF-8"),
        say("A YAML file has bytes that are not UTF-8 text, often because an editor saved it as GBK."),
        say("Save the file with the encoding UTF-8."),
    ),
    Code(
        "QG102",
        say("Not valid YAML"),
        say("The file cannot be parsed. The place is where the parser gave up; the cause may be a line above."),
        say("Look for a missing colon, an open quote or bracket, or a wrong indent."),
    ),
    Code(
        "QG103",
        say("A tab as indent"),
        say("YAML does not allow tabs where a line is indented."),
        say("Use spaces, two a level. Most editors can convert a file at once."),
    ),
    Code(
        "QG104",
        say("File too large"),
        say("A single YAML file is larger than the tool reads, which protects CI from hostile files."),
        say("Split it: one file a group, templates for what groups share."),
    ),
    Code(
        "QG105",
        say("Nested too deep"),
        say("Lists and mappings are nested deeper than any workspace needs."),
        say("Look for an unclosed bracket."),
    ),
    Code(
        "QG106",
        say("Empty file"),
        say("The file has no document in it."),
        say("Delete it, or begin it with `kind:`."),
    ),
    Code(
        "QG107",
        say("More than one document"),
        say("A file holds one document; `---` begins a second."),
        say("Move it into a file of its own."),
    ),
    Code(
        "QG108",
        say("Duplicate key"),
        say("A mapping has the same key twice. Other readers of YAML would let the last one win, unseen."),
        say("Keep one of the two."),
    ),
    Code(
        "QG109",
        say("A key that is not a text"),
        say("A key reads as a number, true, false or null."),
        say("Put it in quotes."),
    ),
    Code(
        "QG110",
        say("Merge key"),
        say("`<<` is not part of YAML 1.2 and hides where a value comes from."),
        say("Use a template and `extends:`."),
    ),
    Code(
        "QG111",
        say("Tag"),
        say("`!tag` asks a reader to build an object; workspaces hold plain values only."),
        say("Write the plain value."),
    ),
    Code(
        "QG112",
        say("A number that can be misread"),
        say("Leading zeros and very long numbers mean different things to different readers of YAML."),
        say("Remove the zeros, or put the value in quotes if it is a text."),
    ),
    Code(
        "QG113",
        say("Broken alias"),
        say("`*name` stands for something that contains it or that is not defined above it."),
        say("Define `&name` before it is used."),
    ),
    Code(
        "QG114",
        say("Too many aliases"),
        say("Written out, the aliases of the file would make it far larger than it is."),
        say("Use a template instead."),
    ),
    Code(
        "QG120",
        say("No workspace"),
        say("The folder has no workspace.yaml, or none that says `kind: Workspace`."),
        say("Name the folder with `--dir`, or begin a workspace with `qqgroup init`."),
    ),
    Code(
        "QG121",
        say("A path outside the workspace"),
        say("A path leads out of the workspace, directly or through a link. A pull request could read other files with it."),
        say("Copy the file into the workspace and name it relative to it."),
    ),
    Code(
        "QG122",
        say("A file that cannot be read"),
        say("A file is missing, too large, or may not be read."),
        say("Check its name, and that it was committed."),
    ),
    Code(
        "QG123",
        say("Not a picture"),
        say("The file does not begin as a PNG, JPEG, GIF or WebP picture does."),
        say("Save the picture in one of these formats."),
    ),
    Code(
        "QG131",
        say("A secret variable that is not set"),
        say("YAML names an environment variable for a token or an answer, and that variable is unset or empty."),
        say("Set it where the command runs. Never write the secret itself into YAML."),
    ),
    Code(
        "QG141",
        say("A file that would be overwritten"),
        say("`qqgroup init` never writes over a file that is there."),
        say("Choose another folder, or move the file away."),
    ),
    Code(
        "QG142",
        say("An optional part is not installed"),
        say("The command needs packages that are installed only on request."),
        say("Install the extra that the message names."),
    ),
    Code(
        "QG143",
        say("No such thing"),
        say("A command was given a name that does not exist: an address, a code, a kind of schema."),
        say("Look at what the message suggests."),
    ),
    Code(
        "QG144",
        say("Not to be accepted"),
        say("`drift --accept` writes a value into the group's own file, and this one cannot be written there."),
        say("Edit the YAML by hand where the message says, or take it back with `drift --revert`."),
    ),
    Code(
        "QG151",
        say("The simulator's world file is wrong"),
        say("The YAML file that describes the simulated world cannot be used."),
        say("Compare it with the example world, and see the simulator's reference page."),
    ),
    Code(
        "QG161",
        say("A group that is not imported"),
        say("A list of the group could not be read, so nothing is written for it: half a description is a wrong one."),
        say("Run `qqgroup import` again once the endpoint answers."),
    ),
    Code(
        "QG162",
        say("Something an import left out"),
        say("The group has something that YAML cannot hold, such as two announcements with the same text."),
        say("Nothing, if it was not managed before. Else import with --state, which forgets it, or it is deleted."),
    ),
    Code(
        "QG163",
        say("A template asks for what is gone"),
        say("Something that a template gives to the group is not live any more. A group's own file cannot take it away."),
        say("Take it out of the template, or the group out of those that extend it."),
    ),
    Code(
        "QG164",
        say("A file that cannot be changed safely"),
        say("Anchors, aliases or an unusual layout make it impossible to change the file and nothing else in it."),
        say("Write aliases out and keys on lines of their own, then run the command again."),
    ),
    Code(
        "QG201",
        say("No kind"),
        say("The document does not begin with `kind:`, so nobody knows what it is."),
        say("Add `kind: Group`, `Template`, `People` or `Workspace`."),
    ),
    Code(
        "QG202",
        say("Unknown kind"),
        say("There is no document of that kind."),
        say("Correct the word after `kind:`."),
    ),
    Code(
        "QG203",
        say("Unknown key"),
        say("The schema has no such key there. It is often misspelt, or indented one level off."),
        say("Take the suggestion, or look the key up in the YAML reference."),
    ),
    Code("QG204", say("Missing key"), say("A key that has to be there is not."), say("Add it.")),
    Code(
        "QG205",
        say("Wrong type"),
        say("A value has another type than the key takes: a list for a text, a number for a text."),
        say("Write it as the message says. A text that looks like a number needs quotes."),
    ),
    Code(
        "QG206",
        say("Not one of the values"),
        say("The key takes one of a few words, and this is none of them."),
        say("Take the suggestion."),
    ),
    Code(
        "QG207",
        say("Not written as it has to be"),
        say("The text does not have the form the key takes. A token, for one, is never written out but named."),
        say("Compare it with the example."),
    ),
    Code(
        "QG208",
        say("Out of bounds"),
        say("A text, list or number is longer, shorter, greater or less than allowed."),
        say("Stay within the bounds the message names."),
    ),
    Code(
        "QG209",
        say("A value that does not fit"),
        say("The value breaks a rule of the schema."),
        say("Look the key up in the YAML reference."),
    ),
    Code(
        "QG210",
        say("Refused by the schema"),
        say("The fast check refused the document and the slow one could not say why. The stricter one counts."),
        say("Look for unusual characters, and please report it."),
    ),
    Code(
        "QG211",
        say("Not carried out yet"),
        say("The key is part of the vocabulary, but this version does nothing with it. Ignoring it in silence would be worse."),
        say("Remove it until a version carries it out."),
    ),
    Code("QG301", say("Unknown template"), say("`extends:` names a template that is not there."), say("Correct the name, or add the template.")),
    Code("QG302", say("Templates in a circle"), say("A template extends itself, directly or through others."), say("Take one out of the circle.")),
    Code("QG303", say("Unknown parent"), say("`parent:` names a group that is not in the workspace."), say("Correct the name.")),
    Code("QG304", say("Parents in a circle"), say("A group is its own ancestor."), say("Take one out of the circle.")),
    Code("QG305", say("Unknown account"), say("`account:` names an account that workspace.yaml does not have."), say("Correct the name, or add the account.")),
    Code("QG306", say("Unknown person"), say("A role names somebody who is not in people.yaml."), say("Correct the name, or add them to people.yaml.")),
    Code("QG307", say("Named twice"), say("A role names the same person twice, perhaps once by name and once by number."), say("Keep one.")),
    Code("QG308", say("Two items with one key"), say("Keys are addresses, so each item of a list needs its own."), say("Rename one.")),
    Code("QG309", say("Two files for one group"), say("Two group files have the same QQ number, so each would undo the other."), say("Correct the number, or merge the files.")),
    Code("QG310", say("Title too long"), say("QQ takes 18 bytes for a title: six Chinese characters."), say("Shorten it.")),
    Code("QG311", say("Card too long"), say("QQ takes 60 bytes for a card, counted after `{name}` is filled in."), say("Shorten it.")),
    Code("QG312", say("Announcement too long"), say("QQ takes 600 characters."), say("Split it into two.")),
    Code("QG313", say("Group name perhaps too long"), say("The client stops at about 90 bytes; the server may cut the name."), say("Shorten it to be safe.")),
    Code("QG314", say("Two roles disagree"), say("Two roles give the same person different titles or cards."), say("Leave it to one of them.")),
    Code("QG315", say("Two equal announcements"), say("Announcements have no names in QQ: two with the same text cannot be told apart."), say("Change or remove one.")),
    Code("QG316", say("Described twice"), say("Two files have the same kind and key."), say("Merge them, or rename one.")),
    Code("QG317", say("One person twice"), say("people.yaml has the same key or the same QQ number twice."), say("Keep one.")),
    Code("QG318", say("Method, question and answer do not fit"), say("QQ keeps a question for two ways of joining only and an answer for one, and takes all three at once."), say("Write all that the method needs, and nothing else; `null` takes a key of a template back.")),
    Code("QG319", say("No such time"), say("The date or time is not in the calendar, or its time zone is unknown."), say("Write it as in 2026-12-01T09:00, with or without an offset such as +08:00.")),
    Code("QG320", say("A window that never opens"), say("`until` is not after `from`, so the announcement would never be up."), say("Correct one of the two.")),
    Code("QG321", say("Moved from where something is"), say("`moved:` names a group that is still in the workspace, or that another group names as well."), say("Give the key that the group itself had before, or remove the line.")),
    Code("QG322", say("Two files with one path"), say("Two items of `files` have the same folder and name."), say("Give one another name.")),
    Code("QG323", say("An empty file"), say("QQ takes no files without content."), say("Put something in it, or take it out of `files`.")),
    Code("QG324", say("A token as an answer"), say("The answer to a join question names the variable of an account's token, so the token would be sent to QQ."), say("Give the answer a variable of its own.")),
    Code("QG401", say("Endpoint out of reach"), say("Nothing answers at the endpoint's address."), say("Check that the server runs, and the address in workspace.yaml.")),
    Code("QG402", say("Token refused"), say("The endpoint does not accept the token."), say("Compare the token with the one in the server's settings.")),
    Code("QG403", say("Not an answer of the protocol"), say("Something answers at the address, but not as the account's `protocol` does: a proxy, a web page, another program, or a server of the other protocol."), say("Check address, port and `protocol`.")),
    Code("QG404", say("The endpoint reports an error"), say("The endpoint understood the request and could not serve it."), say("Read its own words in the message, and its log.")),
    Code("QG405", say("No answer in time"), say("The endpoint took the request and did not answer in time."), say("Check whether the QQ client behind it is logged in.")),
    Code("QG406", say("Unknown implementation or version"), say("The endpoint is none of the implementations this version knows, or too old a version."), say("Run one that is supported.")),
    Code("QG407", say("An answer of the wrong shape"), say("The answer lacks a field or has one of the wrong type."), say("Check the implementation's version, and please report it.")),
    Code("QG501", say("Not seen"), say("Something could not be read, so the plan cannot say anything of it. It is never taken for absent."), say("Run the plan again once the endpoint answers.")),
    Code("QG502", say("Not in the group"), say("The account is not a member of the group, or the number is wrong."), say("Correct the number, or invite the account.")),
    Code("QG511", say("Not allowed to the account"), say("The account's role in this group is too low: titles and admins need the owner, most other things an owner or an admin."), say("Give the account the role it needs, use another account for the group, or take the key out of YAML.")),
    Code("QG512", say("The implementation cannot do it"), say("The server has no such function."), say("Do it by hand, or run an implementation that can.")),
    Code("QG521", say("Protected"), say("A change would delete or replace what `protect:` names, or named when it was applied last."), say("If it is meant: take it out of `protect:` while the item is still there, apply that, and make the change afterwards.")),
    Code("QG522", say("No room for the files"), say("The group has no room for what would be uploaded: QQ would keep it for some days only."), say("Delete files that nobody needs, or upload less.")),
    Code("QG523", say("The folder would not be empty"), say("A folder is deleted only when nothing is left in it, and something would be."), say("Delete or move what is in it, or name the folder in YAML again.")),
    Code("QG524", say("Too large for the implementation"), say("A file is larger than the implementation can be sent."), say("Use a smaller file, upload it by hand, or run an implementation that takes files in parts.")),
    Code("QG601", say("Not applied"), say("The server answered that all is well, and reading back showed no effect."), say("Look in the QQ client; apply again.")),
    Code("QG602", say("Refused by QQ"), say("The server or QQ refused the operation; its own words are in the message."), say("Read them. Often a right is missing or a limit is reached.")),
    Code("QG603", say("Answer lost"), say("The connection broke or timed out after the request was sent, and reading back does not show the effect yet."), say("Apply again: what was done after all is found by reading.")),
    Code("QG604", say("Could not be read back"), say("The operation was accepted, and whether it took effect could not be read."), say("Run a plan: it reads everything again.")),
    Code("QG605", say("Account stopped"), say("Several answers of one account were lost in a row, which is how QQ's risk control shows itself. Nothing more was sent."), say("Wait some hours, look at the account in the QQ client, and apply again.")),
    Code("QG606", say("Interrupted"), say("The run was stopped before everything was done. What was done is recorded."), say("Apply again to go on.")),
    Code("QG607", say("An error of the tool"), say("An operation failed in a way that is the tool's own fault."), say("Run it with --debug and report what it prints.")),
    Code("QG611", say("Nobody to ask"), say("apply asks before it changes groups, and there is no terminal to ask on."), say("Use --auto-approve, or apply a saved plan that was reviewed.")),
    Code("QG612", say("The plan has errors"), say("A plan that could not see everything, or that holds what may not be done, is never applied."), say("Solve what it reports first.")),
    Code("QG701", say("Plan of a newer version"), say("The plan file was written by a newer version of the tool."), say("Use that version.")),
    Code("QG702", say("Not a plan file"), say("The file is something else."), say("Name a file that `qqgroup plan --out` wrote.")),
    Code("QG703", say("Damaged plan file"), say("The plan file was changed or cut off."), say("Make the plan again.")),
    Code("QG704", say("Stale plan"), say("Since the plan was made the YAML, the state or a live group has changed, so it no longer describes what would happen."), say("Make and review a new plan.")),
    Code("QG711", say("State of a newer version"), say("The state or journal was written by a newer version of the tool."), say("Use that version.")),
    Code("QG712", say("Not a state file"), say("The file at the state's path is something else."), say("Check `state.path` in workspace.yaml.")),
    Code("QG713", say("Damaged state"), say("The state file was changed or cut off."), say("Restore it from its backup beside it, or from version control.")),
    Code("QG714", say("The state moved on"), say("Somebody else saved the state meanwhile, or the file belongs to another workspace."), say("Run the command again.")),
    Code("QG715", say("Damaged journal"), say("A line in the middle of the journal cannot be read."), say("Look at the live groups, then move the journal away.")),
    Code("QG716", say("State cannot be read or saved"), say("The system refused to open or write the state or the journal: missing rights, a full disk."), say("Correct that and run the command again. What was applied is in the journal.")),
    Code("QG717", say("A name state cannot hold"), say("A state command would give an entry a name that is no address, that is of another kind, or that is taken."), say("Look at `qqgroup state list`, and choose another name.")),
    Code("QG718", say("A run is still open"), say("An earlier run was cut off, and what it did is not in the state yet."), say("Run `qqgroup apply` first: it settles what was left.")),
    Code("QG721", say("Locked"), say("Another run is applying to the same state."), say("Wait for it to end.")),
)  # fmt: skip
