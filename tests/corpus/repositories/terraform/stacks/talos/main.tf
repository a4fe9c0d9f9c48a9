resource "talos_machine_secrets" "main" {
  talos_version = var.talos_version
}

data "talos_machine_configuration" "controlplane" {
  cluster_name       = "home"
  machine_type       = "controlplane"
  talos_version      = var.talos_version
  kubernetes_version = "1.31.2"
}

variable "talos_version" {
  default = "v1.8.3"
}

resource "kind_cluster" "test" {
  name       = "test"
  node_image = "kindest/node:v1.31.0"
}

resource "lxd_instance" "machine" {
  image = "ubuntu:22.04"
}

resource "google_sql_database_instance" "main" {
  database_version = "POSTGRES_15"
}
