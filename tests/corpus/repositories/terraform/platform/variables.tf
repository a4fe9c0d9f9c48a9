variable "vpc_module_version" {
  type    = string
  default = "5.5.1"
}

variable "registry" {
  default = "registry.example.com"
}

variable "enabled" {}
