vpc_module_version = "5.6.0"
enabled            = true
cluster_version    = "1.29"
