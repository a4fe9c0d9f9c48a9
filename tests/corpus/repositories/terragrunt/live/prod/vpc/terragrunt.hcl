terraform {
  source = "tfr:///terraform-aws-modules/vpc/aws//modules/vpc-endpoints?version=5.5.1"

  extra_arguments "common" {
    commands  = ["plan"]
    arguments = ["-lock-timeout=20m"]
  }
}
