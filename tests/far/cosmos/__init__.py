"""Azure Cosmos DB for NoSQL, as a strict double."""
