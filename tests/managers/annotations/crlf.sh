# renovate: datasource=github-tags depName=acme/crlf
VERSION=1.0.0

# é 𝒳
OTHER="2.0.0" # renovate: datasource=github-tags depName=acme/other
# renovate: datasource=github-tags depName=acme/end
END=3