terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.49"
    }
  }
}

variable "endpoint" {
  type = string
}

provider "aws" {
  region                  = "us-east-1"
  skip_metadata_api_check = true
  endpoints {
    kms = var.endpoint
    sts = var.endpoint
  }
}

resource "aws_kms_custom_key_store" "cluster" {
  cloud_hsm_cluster_id     = "cluster-abcdefghijk"
  custom_key_store_name    = "cluster"
  key_store_password       = "password1"
  trust_anchor_certificate = "certificate"
}
