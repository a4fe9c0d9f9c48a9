module "before" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "1.0.0"
}

module "conflict" {
  source = "terraform-aws-modules/vpc/aws"
<<<<<<< HEAD
  version = "2.0.0"
=======
  version = "2.1.0"
>>>>>>> main
}

module "never_closed" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "3.0.0"
  nested {

module "after" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "4.0.0"
}

module "quote" {
  source  = "terraform-aws-modules/vpc/aws
  version = "5.0.0"
}

}

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
<<<<<<< HEAD
      version = "6.0.0"
=======
      version = "6.1.0"
>>>>>>> main
    }
  }
}

module "heredoc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "7.0.0"
  text    = <<EOT
}

module "last" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "8.0.0"
}
