# An organisation in one region, with a network of its own. Copy it, and change what is yours.
subscription_id = "00000000-0000-0000-0000-000000000000"
name            = "signoffco"
organisation    = "contoso"
location        = "westeurope"

network = {
  address_space = "10.60.0.0/22"
}

registry_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-shared/providers/Microsoft.ContainerRegistry/registries/contoso"
image       = "contoso.azurecr.io/signoff@sha256:0000000000000000000000000000000000000000000000000000000000000000"

provisions              = ["/subscriptions/11111111-1111-1111-1111-111111111111"]
default_subscription_id = "11111111-1111-1111-1111-111111111111"
operators               = "22222222-2222-2222-2222-222222222222"

temporal = {
  address   = "contoso.a1b2c.tmprl.cloud:7233"
  namespace = "contoso.a1b2c"
}

# After the first apply, when the operators have put them into the vault: see deploy/README.md, step 5.
secrets = {}
