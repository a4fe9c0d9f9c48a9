terraform {
  # as in old examples: the form of Git, without a user
  source = "github.com:acme/terraform-modules.git//cache?ref=v0.5.0"
}
