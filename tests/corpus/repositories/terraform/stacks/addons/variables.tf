locals {
  cluster = "shared"
  bastion = { image = "debian-cloud/debian-12" }
}

variable "log_router_image" {
  type    = string
  default = "fluent/fluent-bit:3.0.7"
}

variable "dashboards" {
  default = {
    load = { chart = "bar", version = "2" }
  }
}
