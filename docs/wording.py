"""The sentences of the generated pages themselves, in the two languages of the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """One language: where its pages are, and its sentence for each key."""

    language: str
    folder: str
    sentences: Mapping[str, str]

    def __call__(self, key: str) -> str:
        return self.sentences[key]

    def generated(self, source: str) -> str:
        """The note that a page is generated, and from what."""
        return f"<!-- {self('generated').format(source=source)} -->\n"


def wordings() -> Iterator[Wording]:
    """English, then Chinese."""
    yield Wording("en", ".", _ENGLISH)
    yield Wording("zh_CN", "zh-CN", _CHINESE)


_ENGLISH = {
    ":": ": ",
    ";": "; ",
    "not empty": "not empty",
    "generated": "Generated from {source} by `make docs`. Do not edit.",
    "Diagnostic codes": "Diagnostic codes",
    "about codes": "Every message that says something is wrong begins with a code. A code keeps its meaning for "
    "ever. `qqgroup explain QG203` says the same as this page, in the terminal.",
    "codes of 1": "files, YAML text, options",
    "codes of 2": "one document against its schema",
    "codes of 3": "documents that do not fit together",
    "codes of 4": "the endpoint of an account",
    "codes of 5": "planning",
    "codes of 6": "applying",
    "codes of 7": "plan files, state, journal, lock",
    "What to do": "What to do",
    "Commands": "Commands",
    "about commands": "Options of `qqgroup` itself stand before the command: `qqgroup --dir my-groups plan`. "
    "Exit codes are on [their own page](exit-codes.md), variables on [theirs](environment.md).",
    "Options": "Options",
    "Options of every command": "Options of every command",
    "show help": "show the help of a command and do nothing else.",
    "show version": "show the version; before any command only.",
    "default": "default",
    "variable": "or the variable",
    "YAML reference": "YAML reference",
    "about yaml": "A workspace is a folder of YAML files, each with one document. `kind:` says what a document is: "
    "`Workspace` (exactly one, in `workspace.yaml`), `People`, `Template`, `Group` or `Tests`. The other files may "
    "have any name and lie in any subfolder; folders that begin with a dot are passed over.",
    "about values": "For what is managed, three ways to write mean three things: a key that is **absent** is not "
    "managed, **`null`** clears, a **value** sets. In a way to a key, `*` stands for a name of your choice and `[]` "
    "for the items of a list. A key marked *not carried out yet* is refused with [QG211](codes.md#qg211): it is in "
    "the vocabulary, and this version does nothing with it.",
    "Type": "Type",
    "required": "required",
    "Limits": "Limits",
    "Example": "Example",
    "Whole example": "A whole document",
    "Carried out": "Carried out",
    "yes": "yes",
    "not yet": "**not carried out yet**",
    "same as group": "The keys of a [Group](#group), with the same meaning, except `id` and `parent`:",
    "text": "text",
    "whole number": "whole number",
    "true or false": "true or false",
    "list": "list",
    "mapping": "mapping",
    "null": "null",
    "one of": "one of",
    "or": " or ",
    "always": "always",
    "least": "at least {0}",
    "most": "at most {0}",
    "characters least": "at least {0} characters",
    "characters most": "at most {0} characters",
    "entries least": "at least {0} entries",
    "names": "its keys: ",
    "pattern": "must match",
    "pattern key": "lower-case letters, digits and hyphens, 64 at most, not beginning with a hyphen",
    "pattern person": "lower-case letters, digits, hyphens and underscores, 64 at most",
    "pattern qq": "5 to 10 digits if written as a text",
    "pattern duration": "a number and a unit: `ms`, `s`, `m`, `h` or `d`",
    "pattern path": "a path inside the workspace, with `/` between its parts",
    "pattern url": "`http://`, `https://`, `ws://` or `wss://`, host, port, path",
    "pattern token": "`${env:NAME}`, `${file:PATH}` or `${command:QQGROUP_…COMMAND}`",
    "pattern card": "`{name}` is the only placeholder",
    "pattern time": "hours and minutes, `HH:MM`",
    "pattern secret": "`${secret:NAME}` or `${env:NAME}`",
    "pattern moment": "`YYYY-MM-DDTHH:MM`, with an offset such as `+08:00` or without one",
    "pattern zone": "the name of a time zone, such as `Asia/Shanghai`",
    "pattern something": "not only blanks",
}

_CHINESE = {
    ":": "：",
    ";": "；",
    "not empty": "不能为空",
    "generated": "由 `make docs` 从 {source} 生成，请勿手改。",
    "Diagnostic codes": "诊断代码",
    "about codes": "每条说明问题的消息都以一个代码开头。代码的含义永远不变。"
    "在终端里用 `qqgroup explain QG203` 可以看到与本页相同的内容。",
    "codes of 1": "文件、YAML 文本、选项",
    "codes of 2": "单个文档与其 Schema",
    "codes of 3": "文档之间的矛盾",
    "codes of 4": "账号的服务端",
    "codes of 5": "计划",
    "codes of 6": "执行",
    "codes of 7": "计划文件、状态、日志、锁",
    "What to do": "怎么办",
    "Commands": "命令",
    "about commands": "`qqgroup` 自身的选项写在命令之前：`qqgroup --dir my-groups plan`。"
    "退出码见[退出码](exit-codes.md)，环境变量见[环境变量](environment.md)。",
    "Options": "选项",
    "Options of every command": "所有命令共有的选项",
    "show help": "显示该命令的帮助，不做其他事。",
    "show version": "显示版本；只能写在命令之前。",
    "default": "默认",
    "variable": "或环境变量",
    "YAML reference": "YAML 参考",
    "about yaml": "工作区是一个放 YAML 文件的目录，每个文件一个文档。`kind:` 说明文档的类型：`Workspace`"
    "（恰好一个，放在 `workspace.yaml`）、`People`、`Template`、`Group` 或 `Tests`。其余文件名随意，"
    "也可以放在子目录里；以点开头的目录会被跳过。",
    "about values": "对可管理的键，三种写法是三个意思：**没写**就不管理，**`null`** 表示清空，**写了值**就设为该值。"
    "键的路径里，`*` 代表你自己取的名字，`[]` 代表列表中的每一项。标有“尚未实现”的键会以 [QG211](codes.md#qg211) "
    "拒绝：它已经在词汇表里，但这个版本还不会去做。",
    "Type": "类型",
    "required": "必填",
    "Limits": "限制",
    "Example": "例子",
    "Whole example": "完整的文档",
    "Carried out": "是否已实现",
    "yes": "是",
    "not yet": "**尚未实现**",
    "same as group": "键与 [Group](#group-群) 相同，含义也相同，只是没有 `id` 和 `parent`：",
    "text": "文字",
    "whole number": "整数",
    "true or false": "true 或 false",
    "list": "列表",
    "mapping": "映射",
    "null": "null",
    "one of": "以下之一",
    "or": " 或 ",
    "always": "固定为",
    "least": "不小于 {0}",
    "most": "不大于 {0}",
    "characters least": "至少 {0} 个字符",
    "characters most": "至多 {0} 个字符",
    "entries least": "至少 {0} 项",
    "names": "其中的键：",
    "pattern": "须匹配",
    "pattern key": "小写字母、数字和连字符，至多 64 个，不以连字符开头",
    "pattern person": "小写字母、数字、连字符和下划线，至多 64 个",
    "pattern qq": "写成文字时为 5 到 10 位数字",
    "pattern duration": "数字加单位：`ms`、`s`、`m`、`h` 或 `d`",
    "pattern path": "工作区之内的路径，用 `/` 分隔",
    "pattern url": "`http://`、`https://`、`ws://` 或 `wss://`，加主机、端口、路径",
    "pattern token": "`${env:变量名}`、`${file:路径}` 或 `${command:QQGROUP_…COMMAND}`",
    "pattern card": "占位符只有 `{name}`",
    "pattern time": "时和分，`HH:MM`",
    "pattern secret": "`${secret:变量名}` 或 `${env:变量名}`",
    "pattern moment": "`YYYY-MM-DDTHH:MM`，可以带 `+08:00` 这样的时差",
    "pattern zone": "时区名，例如 `Asia/Shanghai`",
    "pattern something": "不能只有空白",
}
