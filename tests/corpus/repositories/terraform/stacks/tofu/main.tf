terraform {
  required_version = "~> 1.8"
  required_providers {
    hcloud = {
      source  = "hetznercloud/hcloud"
      version = "1.45.0"
    }
  }
}

module "network" {
  source  = "acme/network/hcloud"
  version = "0.3.1"
}
