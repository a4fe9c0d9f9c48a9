#!/bin/sh
SUM=4d5f3f7a0b1c2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f5061728394a5b6
curl -fsSLO https://github.com/acme/signed/releases/download/v1.1.0/signed
echo "$SUM  signed" | sha256sum -c
