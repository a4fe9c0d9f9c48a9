output "vpc_id" {
  description = "The network that the cluster lives in."
  value       = module.vpc.vpc_id
}

output "private_subnets" {
  description = "Where the nodes go, one subnet per zone."
  value       = module.vpc.private_subnets
}
