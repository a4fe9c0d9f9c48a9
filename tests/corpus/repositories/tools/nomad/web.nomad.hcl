variable "redis_version" {
  type    = string
  default = "7.2.4"
}

job "web" {
  datacenters = ["dc1"]
  group "web" {
    task "proxy" {
      driver = "docker"
      config {
        image = "traefik:v3.1.0"
        ports = ["http"]
      }
      artifact {
        source = "https://github.com/acme/web/releases/download/v1.4.0/assets.tgz"
      }
    }
    task "cache" {
      driver = "docker"
      config {
        image = "redis:${var.redis_version}-alpine"
      }
    }
    task "app" {
      driver = "docker"
      config {
        image = "acme/app:${var.app_version}"
      }
    }
  }
}
