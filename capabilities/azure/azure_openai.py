"""An Azure OpenAI account with a model deployment.

Sources: Microsoft Learn, "Azure OpenAI quotas and limits", "Deployment types", "Configure virtual
networks for Foundry Tools"; azurerm 4.55 for what each argument accepts.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from capabilities.azure.openai_models import models, parse_model
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
    Option,
    Output,
    Parameters,
    Question,
    Risk,
    RiskKind,
)
from capabilities.cost import Meter, Quantity
from capabilities.naming import RULES, name_of
from capabilities.values import Environment

_NAMES = {"resource_group": "resource_group", "account_name": "openai_account"}


class _Size:
    """By environment: model, thousand tokens a minute, thousand tokens a month in and out."""

    MODEL: ClassVar[Mapping[Environment, str]] = {
        Environment.PRODUCTION: "gpt-5.1",
        Environment.STAGING: "gpt-5-mini",
        Environment.TEST: "gpt-5-mini",
        Environment.DEV: "gpt-5-mini",
    }
    TPM: ClassVar[Mapping[Environment, int]] = {
        Environment.PRODUCTION: 100,
        Environment.STAGING: 50,
        Environment.TEST: 20,
        Environment.DEV: 10,
    }
    MONTH: ClassVar[Mapping[Environment, tuple[int, int]]] = {
        Environment.PRODUCTION: (100_000, 20_000),
        Environment.STAGING: (20_000, 4_000),
        Environment.TEST: (10_000, 2_000),
        Environment.DEV: (5_000, 1_000),
    }


def _model(value: Any) -> Any:
    return parse_model(value) if isinstance(value, str) else value


class AzureOpenAIParameters(AzureParameters):
    account_name: Annotated[
        str,
        name_of("openai_account"),
        Field(description="account name and subdomain of its endpoint, unique in Azure"),
    ]
    model: Annotated[
        str, BeforeValidator(_model), Field(description="model to deploy, e.g. gpt-5-mini")
    ]
    model_version: Annotated[str, Field(description="version of the model, mostly a date")]
    deployment_name: Annotated[
        str,
        name_of("openai_deployment"),
        Field(description="name under which applications call the model"),
    ]
    sku: Annotated[
        Literal["GlobalStandard", "DataZoneStandard", "Standard"],
        Field(description="where tokens are processed: anywhere, in the EU or US, or the region"),
    ] = "GlobalStandard"
    capacity_thousand_tpm: Annotated[
        int, Field(ge=1, le=30_000, description="rate limit in thousand tokens a minute")
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
    expected_input_thousand_tokens: Annotated[
        int, Field(ge=0, description="thousand tokens a month sent, to estimate the cost")
    ]
    expected_output_thousand_tokens: Annotated[
        int, Field(ge=0, description="thousand tokens a month answered, to estimate the cost")
    ]

    @model_validator(mode="after")
    def _fits_together(self) -> "AzureOpenAIParameters":
        model = models()[self.model]
        if self.model_version not in model.versions:
            raise ValueError(f"{self.model} has version {' or '.join(model.versions)}")
        if self.sku not in model.meters:
            raise ValueError(f"{self.model} is deployed as {' or '.join(model.meters)}")
        if self.public_network_access and self.allowed_ip_ranges:
            raise ValueError(
                "public_network_access opens the account to everybody; with "
                "allowed_ip_ranges leave it off"
            )
        return self

    @property
    def selected_networks(self) -> bool:
        """Reached from some networks only: the firewall is on and has exceptions."""
        return not self.public_network_access and bool(self.allowed_ip_ranges)

    @property
    def open_to_internet(self) -> bool:
        return self.public_network_access or open_to_all(self.allowed_ip_ranges)


class AzureOpenAI(Capability):
    id: ClassVar[str] = "azure_openai"
    title: ClassVar[str] = "Azure OpenAI"
    summary: ClassVar[str] = "GPT or embedding models behind an endpoint of your own"
    parameters: ClassVar[type[Parameters]] = AzureOpenAIParameters
    templates: ClassVar[str] = "azure/azure_openai"
    name_parameter: ClassVar[str] = "account_name"
    outputs: ClassVar[tuple[Output, ...]] = (
        Output("endpoint", "Endpoint"),
        Output("deployment", "Deployment"),
        Output("account_id"),
        Output("resource_group", "Resource group"),
    )

    def questions(self) -> tuple[Question, ...]:
        return QUESTIONS

    def decide(self, known: Mapping[str, Any], ordinal: int) -> Mapping[str, Decided]:
        shared = Known.of(known)
        return {
            **shared.names(self.id, _NAMES, ordinal),
            **_sized(shared.environment),
            **_versioned(known.get("model"), shared.environment),
            "public_network_access": shared.closed(),
        }

    def quantities(self, parameters: AzureOpenAIParameters) -> tuple[Quantity, ...]:
        meters = models()[parameters.model].meters[parameters.sku]
        expected = (
            ("input", parameters.expected_input_thousand_tokens),
            ("output", parameters.expected_output_thousand_tokens),
        )
        return tuple(
            Quantity(
                f"{parameters.model} {direction} tokens",
                Meter("Azure OpenAI", meter, parameters.region),
                thousands,
                f"{thousands / 1000:g} million tokens a month, {parameters.sku}",
            )
            for meter, (direction, thousands) in zip(meters, expected, strict=False)
        )

    def risks(self, parameters: AzureOpenAIParameters) -> tuple[Risk, ...]:
        if not parameters.open_to_internet:
            return ()
        text = f"account {parameters.account_name} is open to every network"
        return (Risk(RiskKind.INTERNET, text),)

    def cheaper(self, parameters: AzureOpenAIParameters) -> tuple[Option, ...]:
        options = []
        if parameters.sku != "GlobalStandard":
            text = "GlobalStandard deployment: tokens may be processed anywhere in the world"
            options.append(Option({"sku": "GlobalStandard"}, text))
        below = models()[parameters.model].smaller
        if below and parameters.sku in models()[below].meters:
            changes = {"model": below, "model_version": models()[below].versions[0]}
            if parameters.deployment_name == _deployable(parameters.model):
                changes["deployment_name"] = _deployable(below)
            options.append(Option(changes, f"{below}: quicker and less able"))
        return tuple(options)


def _sized(environment: Environment | None) -> dict[str, Decided]:
    if environment is None:
        return {}
    sent, answered = _Size.MONTH[environment]
    assumed = f"assumed for {environment.value}; say what you expect"
    return {
        "capacity_thousand_tpm": suggested(
            _Size.TPM[environment], f"{environment.value}: room to start with, quota is shared"
        ),
        "expected_input_thousand_tokens": suggested(sent, assumed),
        "expected_output_thousand_tokens": suggested(answered, assumed),
    }


def _versioned(said: Any, environment: Environment | None) -> dict[str, Decided]:
    decided = {}
    if environment is not None:
        because = (
            "production: the most able model"
            if environment is Environment.PRODUCTION
            else f"{environment.value}: a small model is enough to build with"
        )
        decided["model"] = suggested(_Size.MODEL[environment], because)
    name = _usable(said) if said is not None else _Size.MODEL.get(environment or Environment.DEV)
    if name is None or (said is None and environment is None):
        return decided
    version = models()[name].versions[0]
    decided["model_version"] = suggested(version, f"the current version of {name}")
    decided["deployment_name"] = suggested(_deployable(name), "named after its model")
    return decided


def _usable(said: Any) -> str | None:
    try:
        return parse_model(said)
    except (ValueError, AttributeError):
        return None


def _deployable(model: str) -> str:
    assert not RULES["openai_deployment"].complaint(model)
    return model
