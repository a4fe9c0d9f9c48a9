# Größe: 𝒳
module "vpc" {
  source  = "terraform-aws-modules/vpc/aws" # ü
  version = "5.5.1"
  text    = <<EOT
  version = "0.0.1"
EOT
}

terraform { required_version = ">= 1.5" }