"""Following a document: what is so passes, what is not so fails and names its line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.blocks import Follower, NotSo, blocks, commands, matches


def follow(folder: Path, document: str, patience: float = 5.0) -> int:
    (folder / "here").mkdir()
    follower = Follower(folder / "here", os.environ, patience)
    try:
        return follower.follow(document)
    finally:
        follower.end()


GOOD = r"""
# A page

```text greeting/hello.txt
hello
```

```console
$ export WHO=world
$ cat greeting/hello.txt && echo $WHO
hello
world
$ ls nothing-like-this
…nothing-like-this…
[2]
```

```console terminal=ticking
$ bash -c "for n in 1 2 3; do sleep 0.1; echo \$n >> ticks; done; echo ticked; exec sleep 60"
ticked
```

```console until
$ tail -n 1 ticks
3
```
"""


def test_files_are_written_commands_typed_and_their_environment_is_kept(tmp_path: Path) -> None:
    assert follow(tmp_path, GOOD) == 5


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        (
            "hello\nworld",
            "hello\nmoon",
            "line 10: $ cat greeting/hello.txt && echo $WHO\nshould print\n  hello\n  moon",
        ),
        ("[2]", "[3]", "[3]\nprinted"),
        ("[2]\n", "", "[0]\nprinted"),
        ("greeting/hello.txt\nhello", "greeting/hullo.txt\nhello", "No such file"),
        ("tail -n 1 ticks\n3", "tail -n 1 ticks\n4", "line 24: $ tail"),
        ("echo ticked", "echo tacked", "tacked"),
        ("$ export", "$ exportt", "exportt: command not found"),
    ],
)
def test_a_document_with_something_wrong_in_it_is_not_followed(
    tmp_path: Path, right: str, wrong: str, told: str
) -> None:
    assert right in GOOD
    with pytest.raises(NotSo) as caught:
        follow(tmp_path, GOOD.replace(right, wrong), patience=1.0)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        (["a … c"], "a b c\n"),
        (["…", "b", "…"], "a\nb\nc\nd\n"),
        (["…", "b"], "b\n"),
        (["1   two"], "  1  two  \n ───── \n\n"),
        ([], ""),
    ],
)
def test_what_differs_each_time_and_what_only_looks_otherwise_is_the_same(expected: list[str], printed: str) -> None:
    assert matches(expected, printed)


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        (["a … c"], "a b\nc\n"),
        (["b"], "a\nb\n"),
        (["a.c"], "abc\n"),
        ([], "a warning\n"),
        (["…", "b"], "a\nb\nc\n"),
        (["a", "b"], "b\na\n"),
    ],
)
def test_everything_else_is_not(expected: list[str], printed: str) -> None:
    assert not matches(expected, printed)


def test_a_console_that_begins_with_no_command_is_refused() -> None:
    (block,) = blocks("```console\nhello\n```\n")
    with pytest.raises(ValueError, match="line 2: a console begins with a command"):
        commands(block)
