terraform {
  source = local.is_prod ? "github.com/acme/a?ref=v1.0.0" : "github.com/acme/a?ref=v1.1.0"
}
