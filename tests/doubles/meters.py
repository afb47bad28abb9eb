"""What the process that runs the tests has measured, as Prometheus would read it."""

from collections.abc import Mapping
from functools import cache

from opentelemetry import metrics
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import Metric


@cache
def _reading() -> None:
    """A process has one provider, and for good."""
    reader = PrometheusMetricReader(scope_info_enabled=False)
    metrics.set_meter_provider(MeterProvider([reader], shutdown_on_exit=False))


class Meters:
    """What has been measured since it was made."""

    def __init__(self) -> None:
        _reading()
        self._before = self._samples()

    def __call__(self, sample: str, **labels: str) -> float:
        """By how much a sample has grown, over all that have these labels."""
        wanted = labels.items()
        return sum(
            value - self._before.get((name, told), 0.0)
            for (name, told), value in self._samples().items()
            if name == sample and wanted <= dict(told).items()
        )

    def _samples(self) -> Mapping[tuple[str, tuple[tuple[str, str], ...]], float]:
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in families()
            for sample in family.samples
        }


def families() -> list[Metric]:
    """All metrics of ours, with their labels."""
    _reading()
    ours = ("signoff_", "db_client_", "gen_ai_", "azure_cosmosdb_", "http_server_")
    return [family for family in REGISTRY.collect() if family.name.startswith(ours)]
