"""`python -m benchmarks cost` writes `docs/cost.md` from `measured.json`, `prices.json` and what is
assumed below; `tests/unit/test_cost_page.py` holds the page to them."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from benchmarks.figures import Figure
from bot.web.overview import FRESH, MOST
from tests.far.cosmos import charges

_HERE = Path(__file__).parent
PAGE = _HERE.parent / "docs" / "cost.md"
VOLUMES = (10_000, 1_000_000)
_DAYS = 30
_GB = 1e9
_LINE_BYTES = 1100
"""Of a deployment in the list."""
_PARTITION_GB = 20
"""Source: Azure Cosmos DB service quotas, a logical partition; and 10,000 RU/s."""
_LONGEST_MONTH = 31
_INDEXED = 2
"""Paths of a document."""

ASSUMED: Mapping[str, tuple[float, str]] = {
    "turns": (8, "messages and clicks of a conversation besides the one that submits"),
    "deployments": (0.5, "deployments of a conversation, of one step each"),
    "decisions": (2, "decisions on a deployment"),
    "reports": (30, "reports of progress of an apply, each a card; and as many documents of log"),
    "plan_s": (30, "seconds of a plan on Azure"),
    "apply_s": (360, "seconds of an apply on Azure"),
    "apply_cpu": (3, "processor time of an apply, in plans"),
    "open_h": (4, "hours until a deployment has ended, most of them waiting for people"),
    "artifact_kb": (200, "kB of plans, files and logs of a deployment, kept for a month"),
    "log_kb": (
        15,
        "kB of logs, traces and metrics of a conversation with its share of a deployment",
    ),
    "sampled": (0.1, "share of the traces and logs of turns are sent, see OTEL_TRACES_SAMPLER"),
    "kept_d": (90, "days that the store's documents count for; turns expire after that"),
    "peak": (0.15, "share of a day's work comes in its busiest hour"),
    "spare": (1.3, "times what the busiest hour needs is provided"),
    "unevenness": (1.5, "times the mean: autoscale is billed for the busiest second of an hour"),
    "report_ru": (60, "RU of a report of progress, its card and its document of log"),
    "beat_s": (1.5, "seconds between heartbeats of a job, each an action"),
    "looks": (12, "times that a workflow looks at its deployment without being reminded"),
}


@dataclass(frozen=True, slots=True)
class Row:
    part: str
    quantity: str
    usd: float


async def measure(_: Path) -> list[Figure]:
    """The page is written anew; a figure for each volume."""
    await asyncio.to_thread(PAGE.write_text, page(), encoding="utf-8")
    totals = [sum(row.usd for row in rows(volume)) for volume in VOLUMES]
    named = zip(VOLUMES, totals, strict=True)
    return [Figure(f"{volume:,} conversations a day", [usd], "USD/month") for volume, usd in named]


def measured() -> Mapping[str, float]:
    found: dict[str, float] = json.loads((_HERE / "measured.json").read_text("utf-8"))
    return found


def prices() -> list[Mapping[str, str | float]]:
    found: list[Mapping[str, str | float]] = json.loads((_HERE / "prices.json").read_text("utf-8"))
    return found


@dataclass(frozen=True, slots=True)
class Needs:
    """Of so many conversations a day."""

    a: Mapping[str, float]
    m: Mapping[str, float]
    conversations: int

    @property
    def deployments(self) -> float:
        return self.conversations * self.a["deployments"]

    @property
    def peak_factor(self) -> float:
        """The busiest hour's second, in seconds of a day."""
        return self.a["peak"] * 24

    @property
    def deployment_ru(self) -> float:
        told = self.a["decisions"] * self.m["decision"] + self.a["reports"] * self.a["report_ru"]
        return self.m["submit"] + self.m["worker"] + self.m["spoken"] + told

    @property
    def conversation_ru(self) -> float:
        return self.a["turns"] * self.m["turn"] + self.a["deployments"] * self.deployment_ru

    @property
    def serve_cpus(self) -> float:
        """Busy at the peak."""
        calls = self.a["turns"] + self.a["deployments"] * (1 + self.a["decisions"])
        cpu_s = calls * self.m["turn_cpu"] / 1000
        cpu_s += self.a["deployments"] * self.a["reports"] * self.m["turn_cpu"] / 2000
        return self.conversations * cpu_s / 86_400 * self.peak_factor

    @property
    def serve(self) -> int:
        """Replicas of 1 vCPU, 70 % busy at the peak, two at least."""
        return max(2, ceil(self.serve_cpus / 0.7))

    @property
    def jobs(self) -> float:
        """That run at once at the peak."""
        seconds = self.a["plan_s"] + self.a["apply_s"]
        return self.deployments * seconds / 86_400 * self.peak_factor

    @property
    def work(self) -> int:
        """Workers of 2 vCPU and four jobs each, two at least."""
        return max(2, ceil(self.jobs * self.a["spare"] / 4))

    @property
    def mean_ru_s(self) -> float:
        idle = self.serve * self.m["idle"]
        return self.conversations * self.conversation_ru / 86_400 + idle

    @property
    def max_ru_s(self) -> int:
        at_peak = self.mean_ru_s * self.peak_factor * self.a["spare"]
        return max(1000, ceil(at_peak / 1000) * 1000)

    @property
    def billed_ru_s(self) -> float:
        return max(self.max_ru_s / 10, self.mean_ru_s * self.a["unevenness"])

    @property
    def stored_gb(self) -> float:
        return self.conversations * self.a["kept_d"] * self.m["stored"] / _GB

    @property
    def month_gb(self) -> float:
        """Of lines in the list of the longest month."""
        return self.deployments * _LONGEST_MONTH * _LINE_BYTES / _GB

    @property
    def month_ru_s(self) -> float:
        """To write them, at the peak: every look is the first one of its worker."""
        line_ru = charges.insert(_LINE_BYTES, _INDEXED)
        line_ru += self.a["looks"] * charges.replace(_LINE_BYTES, _INDEXED)
        return self.deployments * line_ru / 86_400 * self.peak_factor

    @property
    def actions(self) -> float:
        """Of a deployment: start, nudges, looks with their timers, jobs with their heartbeats."""
        beats = (self.a["plan_s"] + self.a["apply_s"]) / self.a["beat_s"]
        return 4 + 2 * self.a["looks"] + 2 + beats

    @property
    def reminders(self) -> float:
        """Of a day: a worker nudges what is open, at most a thousand of them, once a minute; a
        nudge, a look and a timer."""
        open_ = min(1000.0, self.deployments * self.a["open_h"] / 24)
        return 24 * 60 * 3 * open_


def needs(conversations: int) -> Needs:
    return Needs({key: value for key, (value, _) in ASSUMED.items()}, measured(), conversations)


def full_month() -> float:
    """Conversations a day at which a month's list is full when it ends."""
    return _PARTITION_GB / needs(1).month_gb


def overview_ru_s() -> float:
    """To read the newest lines as often as a replica does while somebody looks at them."""
    return 2 * charges.query([_LINE_BYTES] * MOST) / FRESH.total_seconds()


def rows(conversations: int) -> list[Row]:
    """What each part costs in a month."""
    n, p = needs(conversations), {str(one["id"]): float(one["usd"]) for one in prices()}
    seconds, month = _DAYS * 86_400, _DAYS * conversations
    deployments = n.deployments * _DAYS
    mean = 1 / n.peak_factor
    serve = max(2.0, n.serve * mean * 1.5)
    work = max(2.0, n.work * mean * 1.5)
    artifacts = deployments * n.a["artifact_kb"] * 1000 / _GB
    logs = month * n.a["log_kb"] * n.a["sampled"] * 1000 / _GB
    return [
        Row(
            "Cosmos DB: throughput",
            f"autoscale to {n.max_ru_s:,} RU/s, {n.billed_ru_s:,.0f} billed in the mean",
            n.billed_ru_s / 100 * p["ru"],
        ),
        Row(
            "Cosmos DB: storage and continuous backup",
            f"{n.stored_gb:,.0f} GB",
            n.stored_gb * (p["cosmos_gb"] + p["backup_gb"]),
        ),
        Row(
            "Container Apps: `serve`",
            f"{n.serve} replicas of 1 vCPU, 2 GiB at the peak, {serve:.1f} in the mean",
            serve * seconds * (p["vcpu_s"] + 2 * p["gib_s"])
            + month * n.a["turns"] / 1e6 * p["request"],
        ),
        Row(
            "Container Apps: `work`",
            f"{n.work} workers of 2 vCPU, 4 GiB at the peak, {work:.1f} in the mean",
            work * seconds * 2 * (p["vcpu_s"] + 2 * p["gib_s"]),
        ),
        *_small(n, p, deployments, artifacts, logs),
    ]


def _small(
    n: Needs, p: Mapping[str, float], deployments: float, artifacts: float, logs: float
) -> list[Row]:
    actions, reminders = deployments * n.actions / 1e6, n.reminders * _DAYS / 1e6
    return [
        Row(
            "Blob Storage",
            f"{artifacts:,.0f} GB",
            artifacts * p["blob_gb"]
            + deployments * 8 / 1e4 * p["blob_write"]
            + deployments * 8 / 1e4 * p["blob_read"],
        ),
        Row(
            "Key Vault", f"{deployments * 8:,.0f} unwrapped keys", deployments * 8 / 1e4 * p["key"]
        ),
        Row("Log Analytics", f"{logs:,.0f} GB", logs * p["log_gb"]),
        Row("Bot Service, Teams", "all messages", 0.0),
        Row(
            "Temporal Cloud: deployments", f"{actions:,.0f} million actions", actions * p["action"]
        ),
        Row("Temporal Cloud: reminders", f"{reminders:,.0f} million", reminders * p["action"]),
    ]


def page() -> str:
    text = (_HERE / "cost.md.jinja").read_text("utf-8")
    markdown = Environment(undefined=StrictUndefined, trim_blocks=True, autoescape=False)
    return markdown.from_string(text).render(
        m=measured(),
        volumes=[(volume, needs(volume), rows(volume)) for volume in VOLUMES],
        days=_DAYS,
        full_month=full_month(),
        overview_ru_s=overview_ru_s(),
        plan_s=ASSUMED["plan_s"][0],
        assumed=ASSUMED.values(),
        prices=prices(),
    )
