"""The manifests are rendered by kubectl's kustomize and hold to Kubernetes' own schemas."""

import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from bot.settings import Settings
from orchestration.engine.workflows import TERRAFORM_QUEUE
from tests.architecture.repository import ROOT
from tests.tools import tool

FOLDER = ROOT / "deploy" / "kubernetes"
OLDEST, NEWEST = "1.30", "1.37"
PROCESSES = ("serve", "work")


@cache
def rendered(name: str) -> list[dict[str, Any]]:
    command = [tool("kubectl"), "kustomize", str(FOLDER / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return [*yaml.safe_load_all(done.stdout)]


def of(kind: str, process: str) -> dict[str, Any]:
    """The one object of that kind that belongs to a process."""
    component = {"app.kubernetes.io/component": process}
    (found,) = [
        each
        for each in rendered("example")
        if each["kind"] == kind and component.items() <= each["metadata"]["labels"].items()
    ]
    return found


def pod(process: str) -> dict[str, Any]:
    template: dict[str, Any] = of("Deployment", process)["spec"]["template"]
    return template


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("name", ["base", "example"])
def test_everything_holds_to_the_schemas(name: str, version: str) -> None:
    for each in rendered(name):
        kubernetes_validate.validate(each, version, strict=True)


def test_a_wrong_word_does_not_pass() -> None:
    wrong = {**of("Deployment", "serve")}
    wrong["spec"] = {**wrong["spec"], "replica": 2}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, NEWEST, strict=True)


@pytest.mark.parametrize("process", PROCESSES)
def test_a_pod_may_do_no_more_than_it_needs(process: str) -> None:
    spec = pod(process)["spec"]
    (container,) = spec["containers"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
    assert "memory" in container["resources"]["limits"]
    mounted = {each["mountPath"] for each in container["volumeMounts"] if not each.get("readOnly")}
    assert mounted == {"/var/lib/signoff", "/tmp"}


@pytest.mark.parametrize("process", PROCESSES)
def test_it_runs_as_the_image_does(process: str) -> None:
    (container,) = pod(process)["spec"]["containers"]
    assert container["args"] == [process]
    assert "@sha256:" in container["image"]
    user = str(pod(process)["spec"]["securityContext"]["runAsUser"])
    assert f"USER {user}:{user}" in (ROOT / "deploy" / "Dockerfile").read_text("utf-8")


@pytest.mark.parametrize("process", PROCESSES)
def test_each_process_is_a_principal_of_its_own(process: str) -> None:
    account = of("ServiceAccount", process)
    assert pod(process)["spec"]["serviceAccountName"] == account["metadata"]["name"]
    assert pod(process)["metadata"]["labels"]["azure.workload.identity/use"] == "true"
    ids = {
        of("ServiceAccount", name)["metadata"]["annotations"]["azure.workload.identity/client-id"]
        for name in PROCESSES
    }
    assert len(ids) == len(PROCESSES)


@pytest.mark.parametrize("process", PROCESSES)
def test_a_rolling_restart_takes_nothing_away(process: str) -> None:
    deployment = of("Deployment", process)
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    budget = of("PodDisruptionBudget", process)["spec"]
    assert budget["maxUnavailable"] == 1
    labels = pod(process)["metadata"]["labels"]
    for selector in (budget["selector"], deployment["spec"]["selector"]):
        assert selector["matchLabels"].items() <= labels.items()


def test_the_web_grows_with_its_processor_and_work_is_as_many_as_said() -> None:
    scaler = of("HorizontalPodAutoscaler", "serve")["spec"]
    assert scaler["scaleTargetRef"]["name"] == "signoff-serve"
    assert scaler["minReplicas"] >= 2
    assert "replicas" not in of("Deployment", "serve")["spec"], "the autoscaler says how many"
    assert of("Deployment", "work")["spec"]["replicas"] >= 2
    scaled = [e["metadata"]["name"] for e in rendered("example") if "Autoscaler" in e["kind"]]
    assert scaled == ["signoff-serve"]


def test_with_keda_workers_are_counted_by_the_queue_that_the_engine_reads(tmp_path: Path) -> None:
    copy = shutil.copytree(FOLDER, tmp_path / "kubernetes")
    example = copy / "example" / "kustomization.yaml"
    example.write_text(example.read_text("utf-8") + "components: [../keda]\n")
    found = {each["kind"]: each for each in rendered(str(copy / "example"))}
    of_work = [
        e for e in rendered(str(copy / "example")) if e["metadata"]["name"] == "signoff-work"
    ]
    (deployment,) = [each for each in of_work if each["kind"] == "Deployment"]
    assert "replicas" not in deployment["spec"]
    spec = found["ScaledObject"]["spec"]
    assert spec["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    (trigger,) = spec["triggers"]
    assert trigger["metadata"]["taskQueue"] == TERRAFORM_QUEUE
    named = {v for k, v in trigger["metadata"].items() if k.endswith("FromEnv")}
    known = {f"SIGNOFF_{name.upper()}" for name in Settings.__dataclass_fields__}
    assert named <= known
    assert named - {"SIGNOFF_ENGINE_API_KEY"} <= environment("work").keys()


@pytest.mark.parametrize("process", PROCESSES)
def test_prometheus_finds_each_pod_by_a_port_that_it_has(process: str) -> None:
    scrape = yaml.safe_load((ROOT / "deploy/monitoring/prometheus/scrape.yaml").read_text("utf-8"))
    (job,) = [each for each in scrape["scrape_configs"] if each["job_name"] == f"signoff-{process}"]
    (found,) = job["kubernetes_sd_configs"]
    assert found["namespaces"]["names"] == [of("Deployment", process)["metadata"]["namespace"]]
    kept = {rule["source_labels"][0]: rule["regex"] for rule in job["relabel_configs"]}
    labels = pod(process)["metadata"]["labels"]
    ports = {each["name"] for each in pod(process)["spec"]["containers"][0]["ports"]}
    component = kept["__meta_kubernetes_pod_label_app_kubernetes_io_component"]
    assert component == labels["app.kubernetes.io/component"]
    assert kept["__meta_kubernetes_pod_container_port_name"] in ports


def test_a_replica_is_given_the_time_that_it_takes_to_go() -> None:
    work, serve = environment("work"), environment("serve")
    settings = Settings()
    needed = float(work["SIGNOFF_DRAIN_S"]) + settings.cancel_grace_s + 10
    assert needed <= pod("work")["spec"]["terminationGracePeriodSeconds"]
    assert float(work["SIGNOFF_DRAIN_S"]) >= settings.apply_timeout_s, "the longest apply ends"
    leaving = float(serve["SIGNOFF_LEAVE_S"]) + 30
    assert leaving <= pod("serve")["spec"]["terminationGracePeriodSeconds"]


@pytest.mark.parametrize("process", PROCESSES)
def test_each_probe_asks_where_the_process_answers(process: str) -> None:
    (container,) = pod(process)["spec"]["containers"]
    ports = {each["name"]: str(each["containerPort"]) for each in container["ports"]}
    env = environment(process)
    serving = {"http": str(Settings().port), "metrics": env.get("SIGNOFF_OPERATIONS_PORT")}
    assert ports == (serving if process == "serve" else {"metrics": env["SIGNOFF_WORK_PORT"]})
    paths = [
        container[f"{probe}Probe"]["httpGet"] for probe in ("startup", "liveness", "readiness")
    ]
    assert [each["path"] for each in paths] == ["/health", "/health", "/ready"]
    assert {each["port"] for each in paths} == {"http" if process == "serve" else "metrics"}


def test_every_setting_is_one() -> None:
    given = {name for process in PROCESSES for name in environment(process)}
    ours = {name.removeprefix("SIGNOFF_").lower() for name in given if name.startswith("SIGNOFF_")}
    assert ours <= set(Settings.__dataclass_fields__)


def test_every_policy_applies_to_pods_and_nothing_reaches_a_worker_but_its_scraper() -> None:
    policies = [each["spec"] for each in rendered("example") if each["kind"] == "NetworkPolicy"]
    for policy in policies:
        assert any(_selects(policy, process) for process in PROCESSES)
    for process in PROCESSES:
        mine = [policy for policy in policies if _selects(policy, process)]
        assert any({"Ingress", "Egress"} == {*policy["policyTypes"]} for policy in mine)
    reaching = [rule for policy in policies if _selects(policy, "work") for rule in _rules(policy)]
    assert [[port["port"] for port in rule["ports"]] for rule in reaching] == [["metrics"]]


def _selects(policy: dict[str, Any], process: str) -> bool:
    wanted = policy["podSelector"]["matchLabels"]
    return bool(wanted.items() <= pod(process)["metadata"]["labels"].items())


def _rules(policy: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from policy.get("ingress", ())


def environment(process: str) -> dict[str, str]:
    """What a process is given, secrets aside."""
    (container,) = pod(process)["spec"]["containers"]
    named = [
        each["configMapRef"]["name"] for each in container["envFrom"] if "configMapRef" in each
    ]
    maps = {e["metadata"]["name"]: e for e in rendered("example") if e["kind"] == "ConfigMap"}
    env = {k: v for name in named for k, v in maps[name]["data"].items()}
    return env | {each["name"]: each["value"] for each in container.get("env", ())}


def test_the_folder_of_the_example_is_all_that_has_to_be_copied() -> None:
    inside = {path.name for path in Path(FOLDER / "example").iterdir()}
    assert inside == {"kustomization.yaml", "namespace.yaml"}
