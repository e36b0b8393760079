# One key of each kind that a company keeps, in two Regions, with everything that hangs on keys.

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

variable "description" {
  type    = string
  default = "invoices"
}

variable "material" {
  type      = string
  sensitive = true
}

variable "valid_to" {
  type = string
}

provider "aws" {
  region                  = "us-east-1"
  skip_metadata_api_check = true
  endpoints {
    cloudformation = var.endpoint
    iam            = var.endpoint
    kms            = var.endpoint
    sts            = var.endpoint
  }
  default_tags {
    tags = { estate = "blue" }
  }
}

provider "aws" {
  alias                   = "away"
  region                  = "eu-west-1"
  skip_metadata_api_check = true
  endpoints {
    kms = var.endpoint
    sts = var.endpoint
    iam = var.endpoint
  }
}

data "aws_caller_identity" "me" {}

locals {
  me      = data.aws_caller_identity.me.arn
  account = data.aws_caller_identity.me.account_id
  use     = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
  users = {
    Symmetric  = local.use
    Hmac       = ["kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac"]
    Asymmetric = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:DescribeKey", "kms:GetPublicKey"]
    Signing    = ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify"]
    Owner      = ["kms:*"]
    Administrator = [
      "kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:Update*", "kms:Revoke*",
      "kms:Disable*", "kms:Get*", "kms:Delete*", "kms:TagResource", "kms:UntagResource", "kms:ScheduleKeyDeletion",
      "kms:CancelKeyDeletion", "kms:ReplicateKey", "kms:ImportKeyMaterial",
    ]
  }
}

resource "aws_iam_service_linked_role" "scaling" {
  aws_service_name = "autoscaling.amazonaws.com"
  custom_suffix    = "estate"
  description      = "starts machines with encrypted disks"
}

resource "aws_iam_role" "worker" {
  name_prefix = "worker-"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } },
    ]
  })
}

data "aws_iam_policy_document" "invoices" {
  statement {
    sid       = "Default"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root"]
    }
  }

  dynamic "statement" {
    for_each = local.users
    content {
      sid       = statement.key
      actions   = statement.value
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = [local.me, aws_iam_role.worker.arn]
      }
    }
  }

  statement {
    sid       = "ScalingUse"
    actions   = local.use
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_service_linked_role.scaling.arn]
    }
  }

  statement {
    sid       = "ScalingGrant"
    actions   = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_service_linked_role.scaling.arn]
    }
    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }

  statement {
    sid       = "Logs"
    actions   = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["logs.us-east-1.amazonaws.com"]
    }
    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:aws:logs:us-east-1:${local.account}:log-group:*"]
    }
  }
}

data "aws_iam_policy_document" "zones" {
  statement {
    sid       = "Default"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root"]
    }
  }

  statement {
    sid       = "Zones"
    actions   = ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["dnssec-route53.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:aws:route53:::hostedzone/*"]
    }
  }
}

resource "aws_kms_key" "invoices" {
  description             = var.description
  deletion_window_in_days = 7
  enable_key_rotation     = true
  rotation_period_in_days = 180
  policy                  = data.aws_iam_policy_document.invoices.json
  tags                    = { team = "finance" }
}

resource "aws_kms_key" "zones" {
  description              = "signs zones"
  deletion_window_in_days  = 7
  key_usage                = "SIGN_VERIFY"
  customer_master_key_spec = "ECC_NIST_P256"
  policy                   = data.aws_iam_policy_document.zones.json
}

resource "aws_kms_key" "codes" {
  deletion_window_in_days  = 7
  key_usage                = "GENERATE_VERIFY_MAC"
  customer_master_key_spec = "HMAC_256"
}

resource "aws_kms_key" "plain" {
  deletion_window_in_days = 7
}

resource "aws_kms_key_policy" "plain" {
  key_id = aws_kms_key.plain.id
  policy = data.aws_iam_policy_document.zones.json
}

resource "aws_kms_external_key" "own" {
  description             = "material of our own"
  deletion_window_in_days = 7
  enabled                 = true
  key_material_base64     = var.material
  valid_to                = var.valid_to
}

resource "aws_kms_key" "everywhere" {
  description             = "in both Regions"
  deletion_window_in_days = 7
  multi_region            = true
}

resource "aws_kms_replica_key" "everywhere" {
  provider                = aws.away
  description             = "in both Regions"
  deletion_window_in_days = 7
  primary_key_arn         = aws_kms_key.everywhere.arn
  tags                    = { team = "finance" }
}

resource "aws_kms_external_key" "own_everywhere" {
  deletion_window_in_days = 7
  enabled                 = true
  multi_region            = true
  key_material_base64     = var.material
  valid_to                = var.valid_to
}

resource "aws_kms_replica_external_key" "own_everywhere" {
  provider                = aws.away
  deletion_window_in_days = 7
  enabled                 = true
  primary_key_arn         = aws_kms_external_key.own_everywhere.arn
  key_material_base64     = var.material
  valid_to                = var.valid_to
}

resource "aws_kms_alias" "invoices" {
  name          = "alias/invoices/2026"
  target_key_id = aws_kms_key.invoices.key_id
}

resource "aws_kms_alias" "worker" {
  name_prefix   = "alias/${aws_iam_role.worker.name}-"
  target_key_id = aws_kms_key.invoices.key_id
}

resource "aws_kms_alias" "away" {
  provider      = aws.away
  name          = "alias/everywhere"
  target_key_id = aws_kms_replica_key.everywhere.key_id
}

resource "aws_kms_grant" "worker" {
  name               = "worker"
  key_id             = aws_kms_key.invoices.key_id
  grantee_principal  = aws_iam_role.worker.arn
  retiring_principal = aws_iam_role.worker.arn
  operations         = ["Encrypt", "Decrypt", "GenerateDataKey"]
  constraints {
    encryption_context_equals = { Department = "Finance" }
  }
}

resource "aws_kms_grant" "subset" {
  provider          = aws.away
  name              = "subset"
  key_id            = aws_kms_replica_external_key.own_everywhere.key_id
  grantee_principal = aws_iam_role.worker.arn
  operations        = ["Decrypt", "DescribeKey"]
  retire_on_delete  = true
  constraints {
    encryption_context_subset = { Department = "Finance" }
  }
}

resource "aws_kms_grant" "service" {
  name              = "service"
  key_id            = aws_kms_key.plain.key_id
  grantee_principal = "dynamodb.us-east-1.amazonaws.com"
  operations        = ["Decrypt"]
}

resource "aws_kms_ciphertext" "secret" {
  key_id    = aws_kms_key.invoices.key_id
  plaintext = "attack at dawn"
  context   = { Department = "Finance" }
}

data "aws_kms_alias" "invoices" {
  name = aws_kms_alias.invoices.name
}

data "aws_kms_key" "replica" {
  provider = aws.away
  key_id   = aws_kms_alias.away.arn
}

data "aws_kms_public_key" "zones" {
  key_id = aws_kms_key.zones.arn
}

data "aws_kms_ciphertext" "again" {
  key_id    = aws_kms_key.invoices.arn
  plaintext = "attack at noon"
}

data "aws_kms_secrets" "secret" {
  secret {
    name    = "order"
    payload = aws_kms_ciphertext.secret.ciphertext_blob
    context = { Department = "Finance" }
  }
}

resource "aws_cloudformation_stack" "more" {
  name = "more"
  template_body = jsonencode({
    Resources = {
      Alias = {
        Type       = "AWS::KMS::Alias"
        Properties = { AliasName = "alias/by-a-stack", TargetKeyId = aws_kms_key.invoices.key_id }
      }
    }
  })
}

output "alias_target" {
  value = data.aws_kms_alias.invoices.target_key_arn
}

output "ids" {
  value = {
    "aws_kms_key.invoices"                        = aws_kms_key.invoices.id
    "aws_kms_alias.invoices"                      = aws_kms_alias.invoices.id
    "aws_kms_grant.worker"                        = aws_kms_grant.worker.id
    "aws_kms_key_policy.plain"                    = aws_kms_key_policy.plain.id
    "aws_kms_external_key.own"                    = aws_kms_external_key.own.id
    "aws_kms_replica_key.everywhere"              = aws_kms_replica_key.everywhere.id
    "aws_kms_replica_external_key.own_everywhere" = aws_kms_replica_external_key.own_everywhere.id
    "aws_iam_service_linked_role.scaling"         = aws_iam_service_linked_role.scaling.id
  }
}

output "public_key" {
  value = data.aws_kms_public_key.zones.public_key_pem
}

output "replica" {
  value = one(data.aws_kms_key.replica.multi_region_configuration).primary_key[0].region
}

output "secret" {
  value     = data.aws_kms_secrets.secret.plaintext["order"]
  sensitive = true
}
