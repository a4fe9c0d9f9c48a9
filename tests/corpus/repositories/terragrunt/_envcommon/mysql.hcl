locals {
  base_source_url = "git::https://github.com/acme/terraform-modules.git//mysql"
  module_version  = "v0.9.1"
}

inputs = {
  engine_version = "8.0.35"
}
