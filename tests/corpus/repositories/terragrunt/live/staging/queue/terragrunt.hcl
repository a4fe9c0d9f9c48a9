terraform {
  source = "../../../modules//chart"
}

inputs = {
  chart_version = "0.15.2"
}
