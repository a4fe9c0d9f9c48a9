terraform {
required_providers {
aws={source="hashicorp/aws",version="~> 5.0"}
google = {
"source" : "hashicorp/google"
"version" : "4.0.0"
}
}
}
module vpc { source = "./local" }
resource helm_release "unquoted" {
repository="https://charts.example.com"
chart="web" // comment
/* a comment */ version /* in */ = /* between */ "1.2.3" /* all */
}
