from pathlib import Path

from approvals.change import Action, AttributeChange, ResourceChange
from orchestration.adapters.sandbox_inventory import SandboxInventory
from orchestration.ports import Import, WorkspaceId
from orchestration.sandbox.cloud import Cloud, CloudObject

WORKSPACE = WorkspaceId("acme/dev/storage/lake")
TAGS = {"signoff-workspace": WORKSPACE}
ACCOUNT = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts"


def _create(type_: str, index: str = "this", **attributes: str) -> ResourceChange:
    changes = tuple(AttributeChange(k, None, v) for k, v in attributes.items())
    return ResourceChange(f"{type_}.{index}", type_, Action.CREATE, changes)


def _account(cloud: Cloud, name: str, **tags: str) -> None:
    attributes = {"name": name, "tags": tags}
    cloud.create(CloudObject(f"{ACCOUNT}/{name}", "azurerm_storage_account", attributes))
    container = f"{ACCOUNT}/{name}/blobServices/default/containers/raw"
    inside = {"name": "raw", "storage_account_id": f"{ACCOUNT}/{name}"}
    cloud.create(CloudObject(container, "azurerm_storage_container", inside))


async def test_what_has_no_tags_is_ours_if_it_lives_in_what_is_ours(tmp_path: Path) -> None:
    _account(Cloud(tmp_path), "ours", **TAGS)
    _account(Cloud(tmp_path), "theirs", **{"signoff-workspace": "acme/dev/storage/other"})
    _account(Cloud(tmp_path), "byhand")
    creates = [
        _create("azurerm_storage_account", "a", name="ours"),
        _create("azurerm_storage_account", "b", name="theirs"),
        _create("azurerm_storage_account", "c", name="byhand"),
        _create("azurerm_storage_container", name="raw", storage_account_id="(known after apply)"),
    ]
    assert await SandboxInventory(tmp_path).find(WORKSPACE, creates) == (
        Import("azurerm_storage_account.a", f"{ACCOUNT}/ours"),
        Import(
            "azurerm_storage_container.this", f"{ACCOUNT}/ours/blobServices/default/containers/raw"
        ),
    )


async def test_namesakes_in_two_parents_wait_until_the_parents_are_known(tmp_path: Path) -> None:
    _account(Cloud(tmp_path), "one", **TAGS)
    _account(Cloud(tmp_path), "two", **TAGS)
    kind = "azurerm_storage_container"
    unknown = _create(kind, name="raw", storage_account_id="(known after apply)")
    known = _create(kind, name="raw", storage_account_id=f"{ACCOUNT}/two")
    inventory = SandboxInventory(tmp_path)
    assert await inventory.find(WORKSPACE, [unknown]) == ()
    (found,) = await inventory.find(WORKSPACE, [known])
    assert found.id.startswith(f"{ACCOUNT}/two/")
