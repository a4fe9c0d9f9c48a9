config {
  call_module_type = "all"
}

tflint {
  required_version = ">= 0.50"
}

plugin "terraform" {
  enabled = true
  preset  = "recommended"
}

plugin "aws" {
  enabled = true
  version = "0.30.0"
  source  = "github.com/terraform-linters/tflint-ruleset-aws"
}

plugin "internal" {
  enabled = true
  version = "0.1.0"
  source  = "git.example.com/acme/tflint-ruleset-internal"
}
