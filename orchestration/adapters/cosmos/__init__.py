"""The store on Azure Cosmos DB for NoSQL: many replicas, one truth."""

from orchestration.adapters.cosmos.opening import open_store
from orchestration.adapters.cosmos.patience import Patience
from orchestration.adapters.cosmos.store import CosmosStore
from orchestration.adapters.cosmos.transport import Call, OnCall

__all__ = ["Call", "CosmosStore", "OnCall", "Patience", "open_store"]
