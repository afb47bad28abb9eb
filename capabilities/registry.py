"""The capabilities that exist."""

from capabilities.azure.azure_openai import AzureOpenAI
from capabilities.azure.databricks import Databricks
from capabilities.azure.storage import Storage
from capabilities.capability import Catalogue


def catalogue() -> Catalogue:
    """Every capability by its id; the only names that a planner can choose."""
    return Catalogue({found.id: found for found in (Databricks(), AzureOpenAI(), Storage())})
