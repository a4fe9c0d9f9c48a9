packer {
  required_version = ">= 1.9.0"
}

source "amazon-ebs" "base" {
  source_ami = "ami-0c55b159cbfafe1f0"
}
