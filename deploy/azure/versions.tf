terraform {
  required_version = ">= 1.9"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.55"
    }
  }

  # Where this state is kept: terraform init -backend-config=backend.hcl
  backend "azurerm" {}
}

provider "azurerm" {
  subscription_id     = var.subscription_id
  storage_use_azuread = true

  features {
    key_vault {
      purge_soft_delete_on_destroy = false
    }
    # Neither the machine that applies nor the one that plans has to reach the data, or may.
    storage {
      data_plane_available = false
    }
    template_deployment {
      delete_nested_items_during_deletion = false
    }
    resource_group {
      prevent_deletion_if_contains_resources = true
    }
  }
}
