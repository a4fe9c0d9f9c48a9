variable "VERSION" {
  default = "1.0.0"
}
target "app" {
  tags       = ["acme/app:${VERSION}"]
  contexts   = { source = "docker-image://alpine:3.19" }
}
