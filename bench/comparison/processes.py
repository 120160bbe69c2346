"""Child processes: started, watched, measured, and ended with all their children whatever happens."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import typing


class Failed(Exception):
    """An engine could not be had, loaded or started: the message says what to do."""


def free_port():
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def run(command, log, **options):
    """Runs a command to its end; gives its seconds and the greatest memory that it, or a child of it, had in bytes."""
    started = time.monotonic()
    with open(log, "ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True, **options)
    try:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    except BaseException:
        end(process)
        raise
    if process.returncode != 0:
        raise Failed(f"{os.path.basename(command[0])} ended with status {process.returncode}; its words are in {log}")
    return time.monotonic() - started, usage.ru_maxrss * 1024


def start(command, log, **options):
    """Starts a server in a session of its own, so that it can be ended with all its children."""
    with open(log, "ab") as output:
        return subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True, **options)


def wait_until(ready, process, log, patience=120):
    """Waits until a server is ready; gives the seconds it took from now."""
    started = time.monotonic()
    while not ready():
        if process.poll() is not None:
            raise Failed(f"the server ended with status {process.returncode}; its words are in {log}")
        if time.monotonic() - started > patience:
            raise Failed(f"the server was not ready after {patience} s; its words are in {log}")
        time.sleep(0.005)
    return time.monotonic() - started


def end(process, patience=30):
    """Ends a process and all of its session, and waits until nothing of it runs: asks first, kills then."""
    for sign, wait in ((signal.SIGTERM, patience), (signal.SIGKILL, 10)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(wait)
            break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    given_up = time.monotonic() + 10
    while any(it.group == process.pid for it in running()) and time.monotonic() < given_up:
        time.sleep(0.005)


class Running(typing.NamedTuple):
    """A process as the kernel lists it."""

    pid: int
    parent: int
    group: int


def running():
    """Every process, but those that have ended and wait for their parents."""
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{entry}/stat") as stat:
            # The name of the program, in brackets, may hold anything.
            state, parent, group, *_ = stat.read().rpartition(")")[2].split()
            if state not in "ZX":
                yield Running(int(entry), int(parent), int(group))


def tree(pid):
    """A process and everything below it."""
    children = {}
    for it in running():
        children.setdefault(it.parent, []).append(it.pid)
    found = [pid]
    for known in found:
        found.extend(children.get(known, []))
    return found


def memory(pid):
    """The memory of a process tree in bytes: proportional set sizes, so that a page shared by two counts once."""
    total = 0
    for member in tree(pid):
        with contextlib.suppress(OSError), open(f"/proc/{member}/smaps_rollup") as rollup:
            total += sum(int(line.split()[1]) * 1024 for line in rollup if line.startswith("Pss:"))
    return total


def peak(pid):
    """The greatest resident size one process had until now, in bytes."""
    with open(f"/proc/{pid}/status") as status:
        return next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:")), 0)


def disk(folder):
    """What the files of a folder take on the disk, in bytes: blocks, because some stores keep sparse files."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(path, name)).st_blocks * 512
    return total
