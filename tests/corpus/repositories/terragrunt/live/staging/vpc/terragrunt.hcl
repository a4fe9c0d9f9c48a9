locals {
  version = "5.8.1" # the same everywhere
}

terraform {
  source = "tfr://registry.example.com/acme/vpc/aws?version=${local.version}"
}
