path "secret/data/source/*" {
  capabilities = ["read"]
}
