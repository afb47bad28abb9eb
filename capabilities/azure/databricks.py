"""A Databricks workspace with its access connector, instance pool, cluster policy and cluster.

Sources: Microsoft Learn, "Configure compute" (workers, auto-termination) and "End of life for
Standard tier workspaces"; azurerm 4.55 and databricks 1.99 for what each argument accepts.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from capabilities.azure.databricks_cost import cheaper, quantities
from capabilities.azure.databricks_sizing import Workload, decide_cluster
from capabilities.azure.node_types import node_types, parse_node_type
from capabilities.azure.parameters import QUESTIONS, AzureParameters, Known, suggested
from capabilities.capability import (
    Capability,
    Decided,
    Option,
    Output,
    Parameters,
    Question,
    Risk,
    RiskKind,
)
from capabilities.cost import Quantity
from capabilities.naming import name_of

_NAMES = {
    "resource_group": "resource_group",
    "workspace_name": "workspace_name",
    "pool_name": "pool_name",
    "cluster_name": "cluster_name",
    "access_connector_name": "access_connector_name",
}


def _node_type(value: Any) -> Any:
    return parse_node_type(value) if isinstance(value, str) else value


def _not_standard(sku: Any) -> Any:
    if sku == "standard":
        raise ValueError(
            "Azure takes no new standard workspaces since 2026-04-01; use premium instead"
        )
    return sku


class DatabricksParameters(AzureParameters):
    workspace_name: Annotated[
        str, name_of("workspace_name"), Field(description="name of the Databricks workspace")
    ]
    sku: Annotated[
        Literal["premium", "trial"],
        BeforeValidator(_not_standard),
        Field(description="pricing tier: premium, or trial for 14 days without DBU charges"),
    ] = "premium"
    public_network_access: Annotated[
        bool, Field(description="whether the workspace answers from the public internet")
    ] = False
    no_public_ip: Annotated[
        bool, Field(description="secure cluster connectivity: nodes get no public IP address")
    ] = True
    workload: Annotated[
        Workload, Field(description="what it is for: machine learning, data science or engineering")
    ]
    ml_runtime: Annotated[
        bool, Field(description="whether clusters run the Databricks Runtime for Machine Learning")
    ]
    runtime_version: Annotated[
        Literal["15.4", "16.4"], Field(description="Databricks Runtime, a long-term support one")
    ] = "16.4"
    gpu: Annotated[bool, Field(description="whether driver and workers have GPUs")]
    node_type: Annotated[
        str, BeforeValidator(_node_type), Field(description="Azure VM size of driver and workers")
    ]
    min_workers: Annotated[
        int, Field(ge=1, le=1000, description="fewest workers the cluster scales down to")
    ]
    max_workers: Annotated[
        int, Field(ge=1, le=1000, description="most workers the cluster scales up to")
    ]
    autotermination_minutes: Annotated[
        int, Field(ge=0, le=10000, description="idle minutes until the cluster stops; 0 = never")
    ]
    pool_name: Annotated[str, name_of("pool_name"), Field(description="name of the instance pool")]
    cluster_name: Annotated[str, name_of("cluster_name"), Field(description="name of the cluster")]
    access_connector_name: Annotated[
        str,
        name_of("access_connector_name"),
        Field(description="name of the managed identity with which Databricks reads storage"),
    ]

    @field_validator("autotermination_minutes")
    @classmethod
    def _long_enough(cls, minutes: int) -> int:
        if 0 < minutes < 10:
            raise ValueError("Databricks takes 10 to 10000 minutes, or 0 for never")
        return minutes

    @model_validator(mode="after")
    def _fits_together(self) -> "DatabricksParameters":
        if self.min_workers > self.max_workers:
            raise ValueError(
                f"min_workers ({self.min_workers}) is more than max_workers "
                f"({self.max_workers}); lower one or raise the other"
            )
        if self.on_gpu != self.gpu:
            has = "GPUs" if self.on_gpu else "no GPU"
            raise ValueError(
                f"{self.node_type} has {has}, but gpu is {str(self.gpu).lower()}; change one"
            )
        if self.on_gpu and not self.ml_runtime:
            raise ValueError(
                f"{self.node_type} has GPUs, which need ml_runtime; set it, or take a node "
                "type without GPU"
            )
        return self

    @property
    def on_gpu(self) -> bool:
        return node_types()[self.node_type].gpu

    @property
    def spark_version(self) -> str:
        """Source: Databricks Runtime release notes, the `spark_version` of the clusters API."""
        kind = ("gpu-ml-" if self.on_gpu else "cpu-ml-") if self.ml_runtime else ""
        return f"{self.runtime_version}.x-{kind}scala2.12"


class Databricks(Capability):
    id: ClassVar[str] = "databricks"
    title: ClassVar[str] = "Databricks workspace"
    summary: ClassVar[str] = (
        "Apache Spark for machine learning, data science and data engineering: a workspace with an "
        "instance pool, an autoscaling cluster and a policy that keeps clusters in bounds"
    )
    parameters: ClassVar[type[Parameters]] = DatabricksParameters
    templates: ClassVar[str] = "azure/databricks"
    name_parameter: ClassVar[str] = "workspace_name"
    outputs: ClassVar[tuple[Output, ...]] = (
        Output("workspace_url", "Workspace"),
        Output("workspace_id"),
        Output("cluster_id", "Cluster"),
        Output("access_connector_principal_id"),
        Output("access_connector_id"),
        Output("resource_group", "Resource group"),
    )

    def questions(self) -> tuple[Question, ...]:
        return QUESTIONS

    def decide(self, known: Mapping[str, Any], ordinal: int) -> Mapping[str, Decided]:
        shared = Known.of(known)
        return {
            **shared.names(self.id, _NAMES, ordinal),
            **decide_cluster(known, shared),
            "sku": suggested("premium", "Azure takes no new workspaces in the standard tier"),
            "public_network_access": shared.closed(),
        }

    def quantities(self, parameters: DatabricksParameters) -> tuple[Quantity, ...]:
        return quantities(parameters)

    def risks(self, parameters: DatabricksParameters) -> tuple[Risk, ...]:
        stateful = Risk(
            RiskKind.STATEFUL,
            f"workspace {parameters.workspace_name} holds notebooks, jobs and their data; "
            "destroying it loses them",
        )
        if not parameters.public_network_access:
            return (stateful,)
        text = f"workspace {parameters.workspace_name} answers from the public internet"
        return (Risk(RiskKind.INTERNET, text), stateful)

    def cheaper(self, parameters: DatabricksParameters) -> tuple[Option, ...]:
        return cheaper(parameters)
