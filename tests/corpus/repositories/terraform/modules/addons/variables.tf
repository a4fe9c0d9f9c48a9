variable "cert_manager_version" {
  type    = string
  default = "v1.14.4"
}

variable "external_dns_version" {
  type = string
}

variable "metrics_server" {
  type = object({
    enabled       = optional(bool, true)
    chart_version = optional(string, "3.12.0")
  })
  default = {}
}

variable "unset_version" {
  description = "Nobody sets this one."
}
