provider "registry.terraform.io/hashicorp/aws" {
<<<<<<< HEAD
  version = "5.31.0"
=======
  version = "5.32.0"
>>>>>>> main
}

provider "registry.terraform.io/hashicorp/random" {
  constraints = "3.6.0"
}

provider "not an address" {
  version = "1.0.0"
}

provider "registry.terraform.io/hashicorp/null" {
  version = "3.2.2"
}
