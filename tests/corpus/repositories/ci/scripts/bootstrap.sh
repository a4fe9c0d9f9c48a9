#!/bin/sh
# Once upon a time this was https://github.com/acme/old/releases/download/v0.1.0/install.yaml
set -eu
export ARGOCD_VERSION="${ARGOCD_VERSION:-v2.11.3}"
CERT_MANAGER=1.15.1 # with its definitions
kubectl apply -n argocd -f \
  "https://raw.githubusercontent.com/argoproj/argo-cd/${ARGOCD_VERSION}/manifests/install.yaml"
kubectl apply -f https://github.com/cert-manager/cert-manager/releases/download/v${CERT_MANAGER}/cert-manager.yaml
curl -fsSL https://get.helm.sh/helm-v3.15.2-linux-amd64.tar.gz | tar xz
curl -fsSL https://raw.githubusercontent.com/acme/tools/main/install.sh | sh
curl -fsSLO https://github.com/acme/tools/releases/latest/download/tools
curl -fsSLO https://github.com/acme/twice/releases/download/v1.4.0/twice_1.4.0_linux_amd64.deb
curl -fsSLO https://gitlab.com/acme/platform/-/raw/v3.1.0/crds.yaml
curl -fsSLO "https://github.com/acme/other/releases/download/$1/other" # handed in
curl -fsSLO https://downloads.acme.example/cli/2.0.0/cli
