#!/usr/bin/env bash
set -euo pipefail
CHART_VERSION="1.15.1"

helm repo add jetstack https://charts.jetstack.io
helm upgrade --install cert-manager jetstack/cert-manager \
  --namespace cert-manager --create-namespace \
  --version "v${CHART_VERSION}"
helm install shop ./charts/shop --version 0.1.0
helm install other unknown/other --version 3.2.1
helm upgrade --install podinfo oci://ghcr.io/stefanprodan/charts/podinfo --version 6.7.0 --wait
helm plugin install https://github.com/databus23/helm-diff --version v3.9.6
kubectl apply -k "github.com/kubernetes-sigs/gateway-api/config/crd?ref=v1.1.0"
docker build -t acme/shop:1.0.0 .
docker run -d -p 8080:8080 -u 1000:1000 acme/shop:1.0.0
docker run --rm -v "$PWD:/src" --add-host db:10.0.0.1 hadolint/hadolint:v2.12.0 hadolint /src/Dockerfile:2
kind create cluster --image=kindest/node:v1.30.0
curl -sfL https://get.k3s.io | INSTALL_K3S_VERSION=v1.30.2+k3s1 sh -
# docker run busybox:1.0
echo "docker run busybox:1.1"
kubectl apply -f - <<YAML
apiVersion: v1
kind: Pod
metadata: {name: probe}
spec:
  containers:
    - name: probe
      image: busybox:1.36.1
YAML
