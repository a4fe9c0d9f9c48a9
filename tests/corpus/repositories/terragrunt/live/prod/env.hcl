locals {
  environment = "prod"
  eks_version = "20.4.0"
}
