# A trail of every Region, with what it selects.

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

variable "prefix" {
  type    = string
  default = "audit"
}

variable "read_write_type" {
  type    = string
  default = "All"
}

variable "advanced" {
  type    = bool
  default = false
}

variable "logging" {
  type    = bool
  default = true
}

provider "aws" {
  region                  = "us-east-1"
  skip_metadata_api_check = true
  endpoints {
    cloudtrail = var.endpoint
    iam        = var.endpoint
    sts        = var.endpoint
  }
}

resource "aws_cloudtrail" "audit" {
  name                       = "audit"
  s3_bucket_name             = "audit-bucket"
  s3_key_prefix              = var.prefix
  is_multi_region_trail      = true
  enable_log_file_validation = true
  enable_logging             = var.logging
  tags                       = { prefix = var.prefix }

  dynamic "event_selector" {
    for_each = var.advanced ? [] : [var.read_write_type]
    content {
      read_write_type                  = event_selector.value
      include_management_events        = true
      exclude_management_event_sources = ["rdsdata.amazonaws.com"]
    }
  }

  dynamic "advanced_event_selector" {
    for_each = var.advanced ? ["writes"] : []
    content {
      name = advanced_event_selector.value
      field_selector {
        field  = "eventCategory"
        equals = ["Management"]
      }
      field_selector {
        field  = "readOnly"
        equals = ["false"]
      }
    }
  }
}

output "arn" {
  value = aws_cloudtrail.audit.arn
}
