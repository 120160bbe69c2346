"""What the figures were measured on: a class of machine, not a name."""

import datetime
import os


def describe():
    """Processors, memory and system, and the day."""
    processor = field("/proc/cpuinfo", "model name") or "unknown processor"
    memory = int(field("/proc/meminfo", "MemTotal").split()[0]) / 2**20
    day = datetime.datetime.now(datetime.UTC).date()
    return f"{os.cpu_count()} × {processor}, {memory:.0f} GB, Linux {os.uname().release.split('-')[0]}; {day}"


def busy():
    """How many processes wanted a processor in the last minute: figures of a busy machine are indications only."""
    return os.getloadavg()[0]


def field(path, name):
    """The first value of a name in a file of the kernel's."""
    with open(path) as lines:
        return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)
