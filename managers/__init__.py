"""The managers: one module for each kind of file that holds versions."""

from managers import (
    annotations,
    argocd,
    helm_chart,
    helm_values,
    kubernetes,
    kustomize,
    regex,
    terraform,
    terraform_lock,
)
from updater.api import CustomManager, Manager

BUILTIN: tuple[Manager, ...] = (
    annotations,  # first, because of two that find the same place the first one is believed
    argocd,
    helm_chart,
    helm_values,
    kubernetes,
    kustomize,
    terraform,
    terraform_lock,
)
CUSTOM: tuple[CustomManager, ...] = (regex,)
