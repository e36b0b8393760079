# A multi-Region key with a replica, an alias, a role that may encrypt with it, and a grant; against Keyspan.
#
#   terraform init && terraform apply -var endpoint=http://127.0.0.1:7700
#
# with AWS_PROFILE, AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE as `npm start` prints them.

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

provider "aws" {
  region                  = "us-east-1"
  skip_metadata_api_check = true
  endpoints {
    kms = var.endpoint
    sts = var.endpoint
    iam = var.endpoint
  }
}

provider "aws" {
  alias                   = "replica"
  region                  = "eu-west-1"
  skip_metadata_api_check = true
  endpoints {
    kms = var.endpoint
    sts = var.endpoint
    iam = var.endpoint
  }
}

data "aws_caller_identity" "current" {}

resource "aws_kms_key" "payments" {
  description             = "payments"
  multi_region            = true
  enable_key_rotation     = true
  deletion_window_in_days = 7
  tags                    = { team = "payments" }
}

resource "aws_kms_alias" "payments" {
  name          = "alias/payments"
  target_key_id = aws_kms_key.payments.key_id
}

resource "aws_kms_replica_key" "payments" {
  provider                = aws.replica
  primary_key_arn         = aws_kms_key.payments.arn
  description             = "payments, in Ireland"
  deletion_window_in_days = 7
}

resource "aws_iam_role" "service" {
  name = "payments"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "encrypt" {
  name = "encrypt"
  role = aws_iam_role.service.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "kms:Encrypt", Resource = aws_kms_key.payments.arn }]
  })
}

resource "aws_kms_grant" "decrypt" {
  key_id            = aws_kms_key.payments.key_id
  grantee_principal = aws_iam_role.service.arn
  operations        = ["Decrypt"]
}

output "key_id" {
  value = aws_kms_key.payments.key_id
}
