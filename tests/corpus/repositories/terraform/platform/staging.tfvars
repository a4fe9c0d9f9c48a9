vpc_module_version = "5.7.0"
instance_type      = "t3.large"
