"""What people call capabilities, environments and the things we do not have."""

from collections.abc import Mapping

CAPABILITIES: Mapping[str, tuple[str, ...]] = {
    "databricks": (
        "databricks", "azure databricks", "data bricks", "dbx", "adb workspace", "pyspark",
        "databricks workspace", "databricks cluster", "spark cluster", "spark", "delta lake",
    ),
    "azure_openai": (
        "azure openai", "openai", "open ai", "open-ai", "azure open ai", "aoai", "azure_openai",
        "openai account", "openai deployment", "chatgpt", "llm", "gpt", "embeddings endpoint",
    ),
    "storage": (
        "storage", "storage account", "blob", "blob storage", "adls", "adls gen2", "data lake",
        "datalake", "lake", "file share", "lake storage", "blob container", "object storage", "bucket",
    ),
    "ml_workspace": (
        "ml workspace", "machine learning workspace", "azure machine learning", "azure ml",
        "azureml", "aml", "machine learning studio", "ml studio", "mlops workspace", "mlops",
    ),
    "firewall": (
        "firewall", "firewall rule", "fw rule", "network rule", "nsg", "ip allowlist", "allowlist", "whitelist", "open port", "open ports", "port 443",
    ),
    "key_vault": ("key vault", "keyvault", "secrets store"),
    "virtual_network": ("virtual network", "vnet"),
    "cosmos_db": ("cosmos", "cosmos db", "cosmosdb"),
    "postgresql": ("postgres", "postgresql"),
    "data_factory": ("data factory", "adf"),
    "container_apps": ("container apps", "container app"),
}  # fmt: skip
"""By capability id, whether this catalogue has it or not."""

FOREIGN = {
    "speicherkonto": "storage",
    "cuenta de almacenamiento": "storage",
    "compte de stockage": "storage",
}
"""Other languages' words, which spelling is not repaired towards."""

ELSEWHERE = (
    "kubernetes", "k8s", "aks", "gke", "eks", "openshift", "mainframe", "mysql", "sql server",
    "sql database", "azure sql", "redis", "kafka", "event hub", "function app", "app service",
    "virtual machine", "vm", "synapse", "snowflake", "oracle", "mongodb", "service bus", "web app",
    "logic app", "power bi", "sap", "fabric", "vpn gateway", "load balancer", "api management",
    "jenkins", "elasticsearch", "dynamodb", "s3", "lambda", "sagemaker", "bigquery", "database",
)  # fmt: skip
"""Things nobody has made a capability of."""

ENVIRONMENTS: Mapping[str, tuple[str, ...]] = {
    "production": ("production", "prod", "prd", "productive", "produktion", "produccion", "producción"),
    "staging": ("staging", "stage", "stg", "preprod", "pre-prod", "pre-production"),
    "test": ("test", "testing", "uat", "qa", "tst", "testumgebung", "pruebas"),
    "dev": (
        "dev", "development", "non-prod", "nonprod", "non-production", "sandbox", "poc",
        "playground", "entwicklung", "desarrollo", "développement", "developpement",
    ),
}  # fmt: skip

PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "resource_group": ("resource group", "rg"),
    "workspace_name": ("workspace", "databricks workspace", "workspace name"),
    "account_name": ("account", "storage account", "openai account", "account name"),
    "cluster_name": ("cluster", "cluster name"),
    "pool_name": ("pool", "instance pool"),
    "sku": ("sku", "tier", "pricing tier"),
    "node_type": ("node type", "node size", "vm size", "instance type", "node types"),
    "min_workers": ("min workers", "minimum workers", "workers at least", "min nodes"),
    "max_workers": ("max workers", "maximum workers", "workers at most", "max nodes"),
    "autotermination_minutes": (
        "autotermination", "auto-termination", "auto termination", "auto stop", "idle timeout",
        "auto-terminate", "auto terminate", "terminate after", "stop after", "shut down after",
        "shutdown after",
    ),
    "access_tier": ("access tier", "tier"),
    "replication": ("replication", "redundancy"),
    "containers": ("containers", "container", "filesystems", "file systems"),
    "allowed_ip_ranges": (
        "allowed ip ranges", "allowed ips", "ip ranges", "ip restriction", "ip restrictions",
        "ip filter", "ip rules", "ip limits",
    ),
    "public_network_access": ("public network access", "public access", "internet access"),
    "expected_gb": ("expected size", "expected gb", "size"),
    "capacity_thousand_tpm": ("capacity", "thousand tpm", "tpm in thousands"),
    "capacity": ("capacity", "tpm", "tokens per minute"),
    "model": ("model",),
    "deployment_name": ("deployment name", "model deployment"),
    "team": ("team", "team name"),
    "environment": ("environment", "env"),
    "region": ("region", "location", "azure region"),
    "budget_monthly_usd": ("budget", "monthly budget"),
}  # fmt: skip
"""Further names of parameters, besides their own with spaces; unknown ones are not used."""

NUMBERS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
} | {"a single": 1, "a couple of": 2, "a pair of": 2, "sixteen": 16, "twenty": 20}
