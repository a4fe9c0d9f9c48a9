terraform {
  source = "${get_repo_root()}/modules//chart"
}

inputs = {
  chart_version = "0.14.0"
}
