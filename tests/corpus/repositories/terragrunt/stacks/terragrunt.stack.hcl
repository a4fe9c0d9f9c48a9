locals {
  catalog = "v1.2.0"
}

unit "dns" {
  source = "git::https://github.com/acme/catalog.git//units/dns?ref=${local.catalog}"
  path   = "dns"
}

unit "cdn" {
  source = "github.com/acme/catalog//units/cdn?ref=v1.1.0"
  path   = "cdn"
  values = {
    version = "v1.1.0"
    name    = "cdn-2.0.0"
  }
}

unit "vpc" {
  source = "../units/vpc"
  path   = "vpc"
  values = {
    version = "v3.0.1"
  }
}

stack "data" {
  source = "git::git@gitlab.example.com:acme/stacks.git//data?ref=0.4.0"
  path   = "data"
}
