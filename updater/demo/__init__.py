"""The whole loop on one machine: a sample repository and the registries it depends on."""
