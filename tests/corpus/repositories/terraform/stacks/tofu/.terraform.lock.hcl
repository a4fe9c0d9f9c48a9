# This file is maintained automatically by "tofu init".

provider "registry.opentofu.org/hetznercloud/hcloud" {
  version     = "1.45.0"
  constraints = "1.45.0"
  hashes      = ["h1:R5Ucn26riKIEijcsiOMBR3uOAjuOMfI1x7XvH4P6B1w="]
}
