import shlex
from pathlib import Path
from typing import Annotated

import tyro

from meloformer.app.training.command import command_line
from meloformer.data.config import SHARES
from meloformer.runs.config import TrainConfig

Parsed = Annotated[TrainConfig, tyro.conf.arg(name="")]


def test_the_command_says_only_what_is_not_as_always():
    config = TrainConfig(shards=Path("/m/my shards"), run=Path("/r/a"))
    assert command_line(config) == ("python -m meloformer train --shards '/m/my shards' --run /r/a")


def test_the_command_line_understands_it():
    config = TrainConfig(
        shards=Path("/m/shards"),
        run=Path("/r/my waltzes; rm -rf"),
        name="my waltzes",
        base=Path("/b"),
        lora_rank=16,
        minutes=0.25,
        adam_lr=1e-5,
        checkpoint_ffn=True,
        precision="bf16",
        shares={**SHARES, "mutopia": 0.25},
    )
    words = shlex.split(command_line(config))
    assert words[:4] == ["python", "-m", "meloformer", "train"]
    assert tyro.cli(Parsed, args=words[4:]) == config


def test_shares_of_music_that_is_not_there_are_not_said():
    config = TrainConfig(shards=Path("/m"), run=Path("/r"), shares={})
    assert "shares" not in command_line(config)
