packer {
  required_version = ">= 1.9.0"
  required_plugins {
    docker = {
      version = "~> 1.0.8"
      source  = "github.com/hashicorp/docker"
    }
    internal = {
      version = "0.1.0"
      source  = "git.example.com/acme/internal"
    }
  }
}

source "docker" "base" {
  image = "ubuntu:22.04"
}

source "googlecompute" "vm" {
  source_image = "debian-12"
}
