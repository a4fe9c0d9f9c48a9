module "good" {
  source  = "terraform-aws-modules/sqs/aws"
  version = "4.1.1"
}

<<<<<<< HEAD
module "conflict" {
  source  = "terraform-aws-modules/sns/aws"
  version = "6.0.1"
=======
  version = "6.0.0"
>>>>>>> feature
}

module "after" {
  source  = "terraform-aws-modules/lambda/aws"
  version = "7.2.2"
}
