locals {
  // renovate: datasource=github-tags depName=acme/slashes
  slashes = "1.0.0"
  /* renovate: datasource=github-tags depName=acme/starred */
  starred = "2.0.0"
  map = {
    ## renovate: datasource=docker depName=ghcr.io/acme/web
    "web" = "3.0.0",
  }
}
