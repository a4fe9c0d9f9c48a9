terraform {
  source = "git::https://github.com/acme/terraform-modules.git//vpc?ref=${get_env("REF", "v1.0.0")}"
}
