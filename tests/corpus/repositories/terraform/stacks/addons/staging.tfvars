log_router_image = "fluent/fluent-bit:3.1.2"
preview_image    = "ghcr.io/acme/preview:0.4.0"
