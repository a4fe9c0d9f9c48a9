terraform {
  source = "git::git@github.com:acme/terraform-modules.git//bucket?ref=v1.4.2"
}
