"""A storage account with containers or lake filesystems, network rules and role assignments.

Sources: Microsoft Learn, "Storage account overview", "Azure Data Lake Storage", "Configure Azure
Storage firewalls"; azurerm 4.55 for what each argument accepts.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from capabilities.azure.parameters import (
    QUESTIONS,
    AzureParameters,
    Known,
    ip_range,
    open_to_all,
    suggested,
)
from capabilities.capability import (
    Capability,
    Decided,
    Input,
    Option,
    Output,
    Parameters,
    Question,
    Risk,
    RiskKind,
)
from capabilities.cost import Meter, Quantity
from capabilities.naming import name_of
from capabilities.values import Environment

Replication = Literal["LRS", "ZRS", "GRS", "RAGRS", "GZRS", "RAGZRS"]

_NAMES = {"resource_group": "resource_group", "account_name": "storage_account"}

_REPLICATION: Mapping[Environment, tuple[str, str]] = {
    Environment.PRODUCTION: ("ZRS", "production: three copies in separate datacentres"),
    Environment.STAGING: ("ZRS", "staging: three copies in separate datacentres, as in production"),
    Environment.TEST: ("LRS", "test: three copies in one datacentre are enough"),
    Environment.DEV: ("LRS", "dev: three copies in one datacentre are enough"),
}

_LESS: Mapping[str, tuple[str, str]] = {
    "RAGZRS": ("GZRS", "no reading from the second region"),
    "GZRS": ("ZRS", "no copy in a second region"),
    "RAGRS": ("GRS", "no reading from the second region"),
    "GRS": ("LRS", "no copy in a second region"),
    "ZRS": ("LRS", "all copies in one datacentre"),
}


_NOBODY = "ffffffff-ffff-4fff-8fff-fffffffffff0"
_NOWHERE = "eeeeeeee-eeee-4eee-8eee-eeeeeeeeeee0"


def _principal(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise ValueError(
            f"{text!r} is not an Entra object id; it looks like "
            "00000000-0000-0000-0000-000000000000"
        ) from None


class StorageParameters(AzureParameters):
    account_name: Annotated[
        str, name_of("storage_account"), Field(description="storage account name, unique in Azure")
    ]
    replication: Annotated[
        Replication, Field(description="how many copies are kept, and how far apart")
    ]
    access_tier: Annotated[
        Literal["Hot", "Cool"], Field(description="Hot for data in use, Cool for data kept")
    ] = "Hot"
    hierarchical_namespace: Annotated[
        bool, Field(description="a data lake (folders, access lists) rather than plain blobs")
    ]
    containers: Annotated[
        list[Annotated[str, name_of("container")]],
        Field(max_length=50, description="containers, in a lake its filesystems"),
    ]
    public_network_access: Annotated[
        bool, Field(description="whether every network, the internet included, may connect")
    ] = False
    allowed_ip_ranges: Annotated[
        list[Annotated[str, AfterValidator(ip_range)]],
        Field(
            default_factory=list,
            max_length=200,
            description="public IPv4 ranges that may connect, e.g. an office",
        ),
    ]
    databricks_access: Annotated[
        bool, Field(description="let the Databricks workspace of this request read and write")
    ] = False
    reader_object_ids: Annotated[
        list[Annotated[str, AfterValidator(_principal)]],
        Field(
            default_factory=list,
            max_length=50,
            description="Entra object ids of people or groups that may read",
        ),
    ]
    expected_gb: Annotated[
        float, Field(ge=0, le=5_000_000, description="GB kept, on average, to estimate the cost")
    ]

    @model_validator(mode="after")
    def _fits_together(self) -> "StorageParameters":
        if len(set(self.containers)) != len(self.containers):
            raise ValueError("containers: each name once")
        if self.public_network_access and self.allowed_ip_ranges:
            raise ValueError(
                "public_network_access opens the account to everybody; with "
                "allowed_ip_ranges leave it off"
            )
        return self

    @property
    def selected_networks(self) -> bool:
        """Reached from some networks only: the firewall is on and has exceptions."""
        return not self.public_network_access and bool(
            self.allowed_ip_ranges or self.databricks_access
        )

    @property
    def open_to_internet(self) -> bool:
        return self.public_network_access or open_to_all(self.allowed_ip_ranges)


class Storage(Capability):
    id: ClassVar[str] = "storage"
    title: ClassVar[str] = "Storage account"
    summary: ClassVar[str] = (
        "Blob storage or a data lake: an account with containers, a firewall and role assignments"
    )
    parameters: ClassVar[type[Parameters]] = StorageParameters
    templates: ClassVar[str] = "azure/storage"
    name_parameter: ClassVar[str] = "account_name"
    outputs: ClassVar[tuple[Output, ...]] = (
        Output("account_name", "Storage account"),
        Output("account_id"),
        Output("blob_endpoint", "Blob endpoint"),
        Output("dfs_endpoint", "Lake endpoint"),
        Output("resource_group", "Resource group"),
    )

    def questions(self) -> tuple[Question, ...]:
        return QUESTIONS

    def decide(self, known: Mapping[str, Any], ordinal: int) -> Mapping[str, Decided]:
        shared = Known.of(known)
        decided = {
            **shared.names(self.id, _NAMES, ordinal),
            "hierarchical_namespace": suggested(True, "a lake also serves plain blobs"),
            "containers": suggested(["data"], "one to begin with"),
            "public_network_access": shared.closed(),
            "expected_gb": suggested(100, "assumed for the estimate; say what you expect"),
        }
        if shared.environment is not None:
            decided["replication"] = suggested(*_REPLICATION[shared.environment])
        return decided

    def quantities(self, parameters: StorageParameters) -> tuple[Quantity, ...]:
        tier = f"{parameters.access_tier} {_billed_as(parameters.replication)}"
        return (
            Quantity(
                f"Data stored, {tier}",
                Meter("Storage", f"{tier} Data Stored", parameters.region),
                parameters.expected_gb,
                f"{parameters.expected_gb:g} GB on average; without operations and traffic",
            ),
        )

    def risks(self, parameters: StorageParameters) -> tuple[Risk, ...]:
        name = parameters.account_name
        found = [Risk(RiskKind.STATEFUL, f"account {name} holds data; destroying it loses them")]
        if parameters.open_to_internet:
            found.append(Risk(RiskKind.INTERNET, f"account {name} is open to every network"))
        found.extend(
            Risk(RiskKind.ROLE_ASSIGNMENT, f"{grant} on account {name}")
            for grant in _grants(parameters)
        )
        return tuple(found)

    def cheaper(self, parameters: StorageParameters) -> tuple[Option, ...]:
        options = []
        if parameters.replication in _LESS:
            less, loss = _LESS[parameters.replication]
            options.append(
                Option({"replication": less}, f"{less} instead of {parameters.replication}: {loss}")
            )
        if parameters.access_tier == "Hot":
            text = "Cool tier: keeping data costs less, reading it more, and 30 days at least"
            options.append(Option({"access_tier": "Cool"}, text))
        return tuple(options)

    def inputs(self, parameters: StorageParameters) -> tuple[Input, ...]:
        if not parameters.databricks_access:
            return ()
        return (
            Input(
                "databricks_principal_id",
                "databricks",
                "access_connector_principal_id",
                stand_in=_NOBODY,
            ),
            Input(
                "databricks_connector_id",
                "databricks",
                "access_connector_id",
                stand_in=f"/subscriptions/{_NOWHERE}/resourceGroups/pending/providers"
                "/Microsoft.Databricks/accessConnectors/pending",
            ),
        )


def _billed_as(replication: str) -> str:
    """Source: Azure Retail Prices API, meter names such as `Hot RA-GRS Data Stored`."""
    return replication.replace("RAG", "RA-G")


def _grants(parameters: StorageParameters) -> list[str]:
    databricks = ["the Databricks workspace may read and write all data"]
    count = len(parameters.reader_object_ids)
    readers = [f"{count} {'person or group' if count == 1 else 'people or groups'} may read"]
    return databricks * parameters.databricks_access + readers * bool(count)
