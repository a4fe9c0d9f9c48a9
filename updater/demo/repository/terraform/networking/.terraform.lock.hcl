# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.

provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.31.0"
  constraints = "~> 5.31"
  hashes = [
    "h1:0VzeH7Wo6XNMbY5ZcV+rti6QU2lb4EEZOrmYFPT1iqM=",
    "h1:H+aWfpy4kMNiudOd+qIOGTga33hYov6OcoLcibQi/HE=",
    "h1:kJEk0BFGRV5UtLu0K0bE8biuCqfQd0CnNRHhXoUtWnw=",
    "h1:qhmB3+OxEswhp5mwCLa+8NsAcn7CjxQV6Y5zdv0Mjew=",
    "zh:5a86ec220fcf12733df426cdaf89d6d26438a745a3aa1084c2556a57a4debb70",
    "zh:68f22290abd563046151b35e22f78450aa272d9d3782f384747f70db7738a8ba",
    "zh:91fb5c51144447e9f7394f4e3b11381298d4a85555451e8a7671c12dcb903a40",
    "zh:bb4dc308610d82e868b9c3204bd162e17bb8a588152167920d4f022ed9d1de45",
    "zh:d81250e5fe9ebbdab53edd62e3be4bba5c031c2ccde5e4bf2fb15150275ccaa9",
  ]
}
