locals {
  environment = "staging"
  eks_version = "20.8.5"
}
