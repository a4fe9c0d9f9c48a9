# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.

provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.31.0"
  constraints = "~> 5.31"
  hashes = [
    "h1:0VzeH7Wo6XNMbY5ZcV+rti6QU2lb4EEZOrmYFPT1iqM=",
    "zh:5a86ec220fcf12733df426cdaf89d6d26438a745a3aa1084c2556a57a4debb70",
    "zh:68f22290abd563046151b35e22f78450aa272d9d3782f384747f70db7738a8ba",
  ]
}

provider "terraform.example.com/acme/private" {
  version = "0.4.2"
  hashes  = ["h1:SJMH8ChJpvuLtSGCRRMAvfo4m3nbaH1b/mbtNq+AhTw="]
}

provider "registry.terraform.io/hashicorp/null" {
  version = "3.2.2"
}
