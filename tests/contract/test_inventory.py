"""What every inventory promises: what is ours is found, what is somebody else's never."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from approvals.change import Action, AttributeChange, ResourceChange
from orchestration.ports import WorkspaceId
from tests.contract.inventory_world import DATABRICKS_WORKSPACE, GROUPS, READER, World, world

OURS = WorkspaceId("acme/dev/storage/lake")
THEIRS = "acme/dev/storage/other"
LATER = "(known after apply)"
ACCOUNTS = "rg/providers/Microsoft.Storage/storageAccounts"
ACCOUNT, CONTAINER = "azurerm_storage_account", "azurerm_storage_container"


@pytest.fixture(params=["sandbox", "azure"])
async def there(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with world(request.param, tmp_path) as made:
        yield made


def create(type: str, index: str = "this", **attributes: str) -> ResourceChange:
    changes = tuple(AttributeChange(k, None, v) for k, v in attributes.items())
    return ResourceChange(f"{type}.{index}", type, Action.CREATE, changes)


def account(name: str, index: str = "this") -> ResourceChange:
    return create(ACCOUNT, index, name=name, resource_group_name="rg")


def container(parent: str, name: str = "raw") -> ResourceChange:
    return create(CONTAINER, name=name, storage_account_id=parent)


def make_account(there: World, name: str, tag: str | None) -> str:
    id = f"{GROUPS}/{ACCOUNTS}/{name}"
    there.put(ACCOUNT, id, tag, resource_group_name="rg")
    inside = f"{id}/blobServices/default/containers/raw"
    there.put(CONTAINER, inside, None, storage_account_id=id)
    return id


async def found(there: World, *creates: ResourceChange) -> dict[str, str]:
    return {one.address: one.id for one in await there.inventory.find(OURS, creates)}


async def test_where_nothing_is_nothing_is_found(there: World) -> None:
    wanted = [create("azurerm_resource_group", name="rg"), account("one"), container(LATER)]
    assert await found(there, *wanted) == {}


async def test_what_is_tagged_is_ours_and_so_is_what_lies_in_it(there: World) -> None:
    group = there.put("azurerm_resource_group", f"{GROUPS}/rg", OURS)
    id = make_account(there, "one", OURS)
    wanted = [container(LATER), account("one"), create("azurerm_resource_group", name="rg")]
    assert await found(there, *wanted) == {
        "azurerm_resource_group.this": group,
        "azurerm_storage_account.this": id,
        "azurerm_storage_container.this": f"{id}/blobServices/default/containers/raw",
    }
    assert await there.inventory.find(WorkspaceId(THEIRS), wanted) == ()


@pytest.mark.parametrize("tag", [None, THEIRS])
async def test_what_has_our_name_and_not_our_tag_is_left_alone(
    there: World, tag: str | None
) -> None:
    there.put("azurerm_resource_group", f"{GROUPS}/rg", None)
    id = make_account(there, "one", tag)
    assert await found(there, account("one"), container(LATER)) == {}
    assert await found(there, container(id)) == {}


async def test_without_a_tag_of_its_own_that_of_the_nearest_around_it_counts(there: World) -> None:
    there.put("azurerm_resource_group", f"{GROUPS}/rg", OURS)
    plain, theirs = make_account(there, "plain", None), make_account(there, "theirs", THEIRS)
    assert set(await found(there, account("plain"), container(plain))) == {
        "azurerm_storage_account.this",
        "azurerm_storage_container.this",
    }
    assert await found(there, account("theirs"), container(theirs)) == {}


async def test_namesakes_in_two_parents_wait_until_the_parent_is_known(there: World) -> None:
    there.put("azurerm_resource_group", f"{GROUPS}/rg", None)
    one, two = make_account(there, "one", OURS), make_account(there, "two", OURS)
    both = await found(there, account("one", "one"), account("two", "two"), container(LATER))
    assert both == {"azurerm_storage_account.one": one, "azurerm_storage_account.two": two}
    (id,) = (await found(there, container(two))).values()
    assert id.startswith(f"{two}/")


async def test_a_role_is_found_by_scope_role_and_principal(there: World) -> None:
    there.put("azurerm_resource_group", f"{GROUPS}/rg", None)
    id = make_account(there, "one", OURS)
    make_account(there, "theirs", THEIRS)
    ana, omar = there.assign(id, "ana"), there.assign(id, "omar")
    there.assign(f"{GROUPS}/{ACCOUNTS}/theirs", "ana")

    def role(index: str, principal: str, scope: str = id) -> ResourceChange:
        given = {"scope": scope, "principal_id": principal, "role_definition_name": READER}
        return create("azurerm_role_assignment", index, **given)

    wanted = [role("a", "ana"), role("o", "omar"), role("n", "nobody")]
    assert await found(there, *wanted) == {
        "azurerm_role_assignment.a": ana,
        "azurerm_role_assignment.o": omar,
    }
    assert await found(there, role("t", "ana", f"{GROUPS}/{ACCOUNTS}/theirs")) == {}
    later = await found(there, account("one"), role("l", "omar", LATER))
    assert later["azurerm_role_assignment.l"] == omar


async def test_what_is_in_our_databricks_workspace_is_found(there: World) -> None:
    there.put("azurerm_resource_group", f"{GROUPS}/rg", OURS)
    there.put("azurerm_databricks_workspace", DATABRICKS_WORKSPACE, OURS, resource_group_name="rg")
    pool = there.databricks("databricks_instance_pool", "0101-000000-pool-1", "ml", OURS)
    policy = there.databricks("databricks_cluster_policy", "ABC", "ml", None)
    there.databricks("databricks_cluster", "0101-000001-a", "ml", THEIRS)
    older = there.databricks("databricks_cluster", "0101-000002-b", "ml", OURS)
    there.databricks("databricks_cluster", "0101-000003-c", "ml", OURS)
    wanted = [
        create("databricks_cluster", cluster_name="ml", policy_id=LATER),
        create("databricks_cluster_policy", name="ml"),
        create("databricks_instance_pool", instance_pool_name="ml"),
    ]
    assert await found(there, *wanted) == {
        "databricks_cluster.this": older,
        "databricks_cluster_policy.this": policy,
        "databricks_instance_pool.this": pool,
    }
    assert await there.inventory.find(WorkspaceId(THEIRS), wanted[1:]) == ()
    assert await found(there, create("databricks_cluster", cluster_name="sql")) == {}
