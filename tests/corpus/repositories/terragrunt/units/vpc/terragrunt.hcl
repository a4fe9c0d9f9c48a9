terraform {
  source = "git::https://github.com/acme/terraform-modules.git//vpc?ref=${values.version}"
}
