# A multi-Region key whose material comes from you, with a replica; against Keyspan.
#
#   export TF_VAR_key_material="$(openssl rand -base64 32)"
#   terraform init && terraform apply -var endpoint=http://127.0.0.1:7700
#
# with AWS_PROFILE, AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE as `npm start` prints them.
#
# Terraform keeps the material in its state: keep the state as you keep the material. It does not rotate such keys;
# ../bring-your-own-key.sh shows how.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "endpoint" {
  type    = string
  default = "http://127.0.0.1:7700"
}

variable "key_material" {
  type        = string
  sensitive   = true
  description = "32 bytes in base64, the same for both Regions"
}

variable "valid_to" {
  type        = string
  default     = null
  description = "when the material expires, such as 2027-01-31T00:00:00Z; at most 365 days ahead; null for never"
}

variable "description" {
  type    = string
  default = "payments, with a key of our own"
}

variable "enabled" {
  type    = bool
  default = true
}

provider "aws" {
  region                  = "us-east-1"
  skip_metadata_api_check = true
  endpoints {
    kms = var.endpoint
    sts = var.endpoint
  }
}

provider "aws" {
  alias                   = "replica"
  region                  = "eu-west-1"
  skip_metadata_api_check = true
  endpoints {
    kms = var.endpoint
    sts = var.endpoint
  }
}

resource "aws_kms_external_key" "payments" {
  description             = var.description
  multi_region            = true
  key_material_base64     = var.key_material
  valid_to                = var.valid_to
  enabled                 = var.enabled
  deletion_window_in_days = 7
}

resource "aws_kms_replica_external_key" "payments" {
  provider                = aws.replica
  primary_key_arn         = aws_kms_external_key.payments.arn
  description             = "${var.description}, in Ireland"
  key_material_base64     = var.key_material
  valid_to                = var.valid_to
  enabled                 = var.enabled
  deletion_window_in_days = 7
}

output "key_id" {
  value = aws_kms_external_key.payments.id
}
