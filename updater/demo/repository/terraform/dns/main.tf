variable "account_id" {
  description = "The Cloudflare account that owns the zones."
  type        = string
}

module "zone" {
  source = "git::https://github.com/acme/terraform-modules.git//dns-zone?ref=v1.2.0"

  account_id = var.account_id
  zone       = "shop.example.com"
}

resource "cloudflare_record" "api" {
  zone_id = module.zone.id
  name    = "api"
  type    = "CNAME"
  content = "ingress.shop.example.com"
  proxied = true
}
