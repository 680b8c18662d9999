import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from meloformer.files import part_of
from meloformer.registry import CHECKPOINTS, DEFAULT
from meloformer.runs.log import failure_reason, trim
from meloformer.runs.preview import Previewer
from meloformer.runs.processes import SUPERVISOR, TRAINER, processes_of
from meloformer.runs.samples import PROMPTS, SamplePrompt, missing_samples, sample_path
from meloformer.runs.workspace import Run, RunRequest, Status
from tests.runs.stand_in_runs import (
    make_run,
    pid_of,
    runs_below,
    start_stand_in,
    wait_for,
    wait_until,
    wait_until_gone,
)


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    with runs_below(tmp_path / "runs") as root:
        yield root


def torchrun_of(run: Run) -> psutil.Process:
    return psutil.Process(psutil.Process(pid_of(run, TRAINER)).ppid())


@pytest.mark.slow
def test_one_run_at_a_time_and_the_others_in_their_order(root: Path) -> None:
    """Nine steps are less than the start of the next run takes, so each is over before."""
    first, second, third = (make_run(root, name, steps=9) for name in ("c", "b", "a"))
    for run in (first, second, third):
        start_stand_in(run)
    assert [run.state().status for run in (second, third)] == [Status.QUEUED] * 2
    began = []
    for run in (first, second, third):
        wait_for(run, Status.FINISHED)
        began.append((run.folder / TRAINER).stat().st_mtime)
    assert began == sorted(began)
    assert "waits for c" in second.log_tail(200)


@pytest.mark.slow
def test_the_queue_survives_what_happens_to_its_members(root: Path) -> None:
    """One that waits is stopped, another is killed, and then the one that trains is killed."""
    first, second, third, fourth, fifth = (make_run(root, name) for name in "abcde")
    for run in (first, second, third, fourth, fifth):
        start_stand_in(run)
    second.request(RunRequest.STOP)
    wait_for(second, Status.STOPPED)
    wait_until_gone(second)
    assert second.pending() == frozenset()
    assert not (second.folder / TRAINER).exists()
    os.kill(pid_of(third, SUPERVISOR), signal.SIGKILL)
    wait_until(lambda: third.state().status == Status.INTERRUPTED)
    wait_until(lambda: first.state().step >= 1)
    assert not first.state().is_over
    for process in processes_of(first.folder):
        process.kill()
    wait_for(fourth, Status.RUNNING)
    assert first.state().status == Status.INTERRUPTED
    assert fifth.state().status == Status.QUEUED


@pytest.mark.slow
def test_a_run_that_is_stopped_lets_the_next_begin(root: Path) -> None:
    first, second = make_run(root, "a"), make_run(root, "b")
    start_stand_in(first)
    start_stand_in(second)
    wait_until(lambda: first.state().step >= 1)
    first.request(RunRequest.STOP)
    wait_for(second, Status.RUNNING)
    assert first.state().status == Status.STOPPED


@pytest.mark.slow
def test_the_device_is_not_free_while_a_killed_run_saves(root: Path) -> None:
    first, second = make_run(root, "first", temper="slow to save"), make_run(root, "second")
    start_stand_in(first)
    start_stand_in(second)
    wait_until(lambda: first.state().step >= 1)
    for process in (psutil.Process(pid_of(first, SUPERVISOR)), torchrun_of(first)):
        process.kill()
    wait_until(lambda: second.state().status == Status.RUNNING)
    assert (first.folder / "progress.json").exists()


def supervise(run: Run, **timeouts: float) -> subprocess.Popen[bytes]:
    """Look after a run in a process of its own, with less timeouts than people have."""
    words = ", ".join(f"{name}={value}" for name, value in timeouts.items())
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from meloformer.runs.folder import Run\n"
        "from meloformer.runs.supervisor import StopTimeouts, Supervisor\n"
        f"timeouts = StopTimeouts({words})\n"
        "run = Run(Path(sys.argv[1]))\n"
        "Supervisor(run, 'tests.runs.stand_in', timeouts).supervise()\n"
    )
    with (run.folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-c", program, str(run.folder)],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


@pytest.mark.slow
def test_a_run_that_does_not_stop_when_asked_is_ended(root: Path) -> None:
    run = make_run(root, temper="deaf")
    supervisor = supervise(run, notice=1, grace=1)
    wait_until(lambda: run.is_alive() and run.state().status == Status.RUNNING)
    run.request(RunRequest.STOP)
    assert run.state().status == Status.STOPPING
    assert wait_for(run, Status.STOPPED).reason.startswith("It did not stop when asked")
    assert supervisor.wait(120) == 0
    assert processes_of(run.folder) == []


@pytest.mark.slow
def test_a_run_that_says_it_saves_is_given_time(root: Path) -> None:
    run = make_run(root, temper="slow to save")
    supervisor = supervise(run, notice=0.5, grace=0.5)
    wait_until(lambda: run.is_alive() and run.state().step >= 1)
    run.request(RunRequest.STOP)
    assert wait_for(run, Status.STOPPED).reason == ""
    assert supervisor.wait(120) == 0
    assert (run.folder / "progress.json").exists()


@pytest.mark.slow
def test_a_signal_to_the_supervisor_saves_and_stops(root: Path) -> None:
    run = make_run(root)
    start_stand_in(run)
    wait_until(lambda: run.state().step >= 1)
    os.kill(pid_of(run, SUPERVISOR), signal.SIGTERM)
    wait_for(run, Status.STOPPED)
    wait_until_gone(run)
    assert (run.folder / "progress.json").exists()


@pytest.mark.slow
def test_a_killed_torchrun_interrupts_the_run(root: Path) -> None:
    run = make_run(root, devices=2)
    start_stand_in(run)
    wait_until(lambda: run.state().step >= 1)
    torchrun_of(run).kill()
    wait_until(lambda: run.state().status == Status.INTERRUPTED)
    wait_until_gone(run)
    assert run.state().status == Status.INTERRUPTED
    assert (run.folder / "progress.json").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("temper", "reason"),
    [("clumsy", "ValueError: the music is too good"), ("mute", "It ended and did not say why.")],
)
def test_a_run_that_fails_says_why(root: Path, temper: str, reason: str) -> None:
    run = make_run(root, temper=temper)
    start_stand_in(run)
    state = wait_for(run, Status.FAILED)
    assert state.reason == reason
    wait_until_gone(run)


@pytest.mark.slow
def test_a_run_is_listened_to_while_it_trains(root: Path) -> None:
    run = make_run(root, steps=10_000)  # longer than anybody waits for samples
    start_stand_in(run)
    wait_until(lambda: run.state().step >= 1)
    run.request(RunRequest.LISTEN)
    # Samples take what time others leave.
    wait_until(lambda: RunRequest.LISTEN not in run.pending(), 300)
    assert sorted(one.prompt for one in run.samples()) == sorted(PROMPTS)
    assert all(one.path.read_bytes().startswith(b"MThd") for one in run.samples())
    assert not run.state().is_over


def make_checkpoint(run: Run, step: int) -> None:
    shutil.copytree(CHECKPOINTS / DEFAULT, run.folder / "checkpoints" / f"step-{step:06d}")


def finish(previewer: Previewer) -> int:
    """Let a previewer work until it has nothing to do.

    Returns:
        The largest number of processes at once.
    """
    most, others = 0, set(psutil.Process().children())
    while previewer.poll_jobs():
        most = max(most, len(set(psutil.Process().children()) - others))
        time.sleep(0.02)
    return most


def copying(prompt: SamplePrompt, checkpoint: Path, out: Path) -> tuple[str, ...]:
    program = "import os, pathlib, sys; pathlib.Path(sys.argv[1]).write_text(str(os.nice(0)))"
    return (sys.executable, "-c", program, str(out))


def failing(prompt: SamplePrompt, checkpoint: Path, out: Path) -> tuple[str, ...]:
    return (sys.executable, "-c", f"import sys; sys.exit('no {prompt.name} today')")


def sleeping(prompt: SamplePrompt, checkpoint: Path, out: Path) -> tuple[str, ...]:
    return (sys.executable, "-c", "import time; time.sleep(600)")


def test_samples_are_made_one_by_one_of_all_checkpoints_the_newest_first(root: Path) -> None:
    run = make_run(root)
    assert finish(Previewer(run, copying)) == 0
    make_checkpoint(run, 5)
    make_checkpoint(run, 10)
    previewer = Previewer(run, copying)
    while not previewer.is_done(run.checkpoints()[-1]):
        previewer.poll_jobs()
        assert {one.step for one in run.samples()} <= {10}
        time.sleep(0.02)
    assert finish(previewer) == 1
    made = [(one.step, one.prompt) for one in run.samples()]
    assert made == [(step, name) for step in (5, 10) for name in PROMPTS]
    assert finish(Previewer(run, sleeping)) == 0


def test_what_a_killed_supervisor_has_left_of_a_sample_goes(root: Path) -> None:
    run = make_run(root)
    samples = run.folder / "samples"
    samples.mkdir()
    kept = sample_path(samples, 5, PROMPTS[0])
    for path in (kept, part_of(kept)):
        path.touch()
    Previewer(run)
    assert list(samples.iterdir()) == [kept]


def test_the_prompt_that_was_heard_least_comes_first(root: Path) -> None:
    run = make_run(root)
    samples = run.folder / "samples"

    def missing(step: int) -> list[str]:
        return [one.name for one in missing_samples(samples, step)]

    assert missing(5) == list(PROMPTS)
    samples.mkdir()
    sample_path(samples, 5, PROMPTS[0]).touch()
    assert missing(10) == [PROMPTS[1], PROMPTS[0]]
    assert missing(5) == list(PROMPTS[1:])


def test_samples_are_made_with_the_time_others_leave(root: Path) -> None:
    run = make_run(root)
    make_checkpoint(run, 10)
    previewer = Previewer(run, sleeping)
    assert previewer.poll_jobs()
    child = psutil.Process(*previewer.pids)
    assert child.nice() == 19
    previewer.close()
    assert not child.is_running()
    assert list((run.folder / "samples").iterdir()) == []


def test_a_sample_that_fails_is_a_line_in_the_log(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = make_run(root)
    make_checkpoint(run, 10)
    previewer = Previewer(run, failing)
    finish(previewer)
    assert caplog.messages == [
        f"no sample step-000010-{name}-1: no {name} today" for name in PROMPTS
    ]
    assert finish(previewer) == 0
    assert run.samples() == ()


def test_a_disk_that_takes_no_samples_does_not_end_the_run(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = make_run(root)
    make_checkpoint(run, 10)
    (run.folder / "samples").touch()
    assert finish(Previewer(run, copying)) == 0
    assert len(caplog.messages) == len(PROMPTS)


def test_a_log_is_cut_while_it_is_written(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    program = "import os\nfor n in range(200_000): os.write(1, b'line %06d\\n' % n)"
    with log.open("ab") as output:
        writer = subprocess.Popen([sys.executable, "-c", program], stdout=output)
    while writer.poll() is None:
        trim(log, longest=100_000, keep=10_000)
        assert log.stat().st_size < 1_000_000
    with log.open("ab") as output:
        output.write(b"line the last\n")
    trim(log, longest=0, keep=10_000)
    lines = log.read_text().splitlines()
    assert 10_000 - 24 <= log.stat().st_size <= 10_000
    assert lines[-1] == "line the last"
    assert {len(line) for line in lines[:-1]} == {len("line 000000")}


ELASTIC = """
E1123 18:00:00.000 70 torch/distributed/elastic/multiprocessing/api.py:882] failed
Traceback (most recent call last):
  File "run.py", line 355, in wrapper
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
============================================================
meloformer.training.worker FAILED
Root Cause (first observed failure):
  exitcode  : {code} (pid: 71)
"""


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("", ""),
        ("step 10  loss 3.2\nall is well", ""),
        ("KeyError: 'a'\nValueError: b\n" + ELASTIC.format(code=1), "ValueError: b"),
        ("[rank0]: meloformer.errors.DataError: no shards in x\n\nhint: y", "no shards in x"),
        (
            "torch.OutOfMemoryError: CUDA out of memory.",
            "torch.OutOfMemoryError: CUDA out of memory.",
        ),
        (ELASTIC.format(code=-9), "A process was killed, perhaps for want of memory."),
        (ELASTIC.format(code=-11), "A process crashed (number 11)."),
        ("KeyboardInterrupt", "KeyboardInterrupt"),
    ],
)
def test_the_last_words_of_a_log_are_its_last_error(log: str, words: str) -> None:
    assert failure_reason(log) == words
