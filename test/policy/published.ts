import type { PolicyKind } from '../../src/policy/parse/parse.ts'

/** A policy of AWS's documentation of multi-Region keys and of guides built on it, as it was published. */
export interface PublishedPolicy {
  readonly name: string
  readonly kind: PolicyKind
  readonly text: string
  /** The element at which it is refused, if its JSON is broken. */
  readonly brokenAt?: string
}

/** As published, mistakes and all. A statement without a document stands in one of version 2012-10-17. */
export const PUBLISHED: readonly PublishedPolicy[] = [
  {
    name: 'describe and list related keys, as published',
    kind: 'identity',
    brokenAt: 'Statement.Resource',
    text: `{"Version":"2012-10-17","Statement":
{
  "Effect": "Allow",
  "Action": [
    "kms:Describe*",
    "kms:List*"
  ],
  "Resource": {
      "arn:aws:kms:*::111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
  }
}
}`,
  },
  {
    name: 'create multi-Region keys',
    kind: 'identity',
    text: `{
  "Version": "2012-10-17",
  "Statement":{
      "Action": [
        "kms:CreateKey",
        "iam:CreateServiceLinkedRole"
      ],
      "Effect":"Allow",
      "Resource":"*"
  }
}`,
  },
  {
    name: 'deny creating multi-Region keys, as published',
    kind: 'identity',
    brokenAt: 'Statement.Condition.Bool',
    text: `{
  "Version": "2012-10-17",
  "Statement":{
      "Action":"kms:CreateKey",
      "Effect":"Deny",
      "Resource":"*",
      "Condition": {
          "Bool": "kms:MultiRegion": true
      }
  }
}`,
  },
  {
    name: 'deny creating multi-Region keys',
    kind: 'identity',
    text: `{
  "Version": "2012-10-17",
  "Statement":{
      "Action":"kms:CreateKey",
      "Effect":"Deny",
      "Resource":"*",
      "Condition": {
          "Bool": {
            "kms:MultiRegion": true
          }
      }
  }
}`,
  },
  {
    name: 'replicate into three Regions',
    kind: 'key',
    text: `{"Version":"2012-10-17","Statement":
{
  "Effect": "Allow",
  "Principal": {
    "AWS": "arn:aws:iam::111122223333:role/Administrator"
  },
  "Action": "kms:ReplicateKey",
  "Resource": "*",
  "Condition": {
    "StringEquals": {
      "kms:ReplicaRegion": [
         "us-east-1",
         "eu-west-3",
         "ap-southeast-2"
      ]
    }
  }
}
}`,
  },
  {
    name: 'update the primary Region',
    kind: 'key',
    text: `{"Version":"2012-10-17","Statement":
{
  "Effect": "Allow",
  "Resource": "*",
  "Principal": {
    "AWS": "arn:aws:iam::111122223333:role/Administrator"
  },
  "Action": "kms:UpdatePrimaryRegion"
}
}`,
  },
  {
    name: 'update the primary Region to one of three, as published',
    kind: 'identity',
    brokenAt: 'Statement.Resource',
    text: `{"Version":"2012-10-17","Statement":
{
  "Effect": "Allow",
  "Action": "kms:UpdatePrimaryRegion",
  "Resource": {
      "arn:aws:kms:*:111122223333:key/*"
  },
  "Condition": {
    "StringEquals": {
      "kms:PrimaryRegion": [
         "us-west-2",
         "sa-east-1",
         "ap-southeast-1"
      ]
    }
  }
}
}`,
  },
  {
    name: 'update the primary Region to one of three, as published later',
    kind: 'identity',
    brokenAt: 'Statement.Resource',
    text: `{"Version":"2012-10-17","Statement":
{
  "Effect": "Allow",
  "Action": "kms:UpdatePrimaryRegion",
  "Resource": {
      "arn:aws:kms:*:111122223333:key/*"
  },
  "Condition": {
    "StringEquals": {
      "kms:PrimaryRegion": [
         "us-west-2",
         "sa-east-1",
         "ap-southeast-1"
      ]
    }
  }
}
}`,
  },
  {
    name: 'deny all on multi-Region keys, as published',
    kind: 'identity',
    brokenAt: 'Statement.Condition.Bool',
    text: `{"Version":"2012-10-17","Statement":
{
  "Effect": "Deny",
  "Action": "kms:*",
  "Resource": "*",
  "Condition": {
    "Bool": "kms:MultiRegion": true
    }
}
}`,
  },
  {
    name: 'deny all on multi-Region keys, as published later',
    kind: 'identity',
    brokenAt: 'Statement.Condition.Bool',
    text: `{"Version":"2012-10-17","Statement":
{
  "Effect": "Deny",
  "Action": "kms:*",
  "Resource": "*",
  "Condition": {
    "Bool": "kms:MultiRegion": true
  }
}
}`,
  },
  {
    name: 'schedule deletion of replicas, as published',
    kind: 'identity',
    brokenAt: 'Statement.Resource',
    text: `{"Version":"2012-10-17","Statement":
{
  "Effect": "Allow",
  "Action": [
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion"
  ],
  "Resource": {
      "arn:aws:kms:us-west-2:111122223333:key/*"
  },
  "Condition": {
    "StringEquals": "kms:MultiRegionKeyType": "REPLICA"
  }
}
}`,
  },
  {
    name: 'schedule deletion of replicas, as published later',
    kind: 'identity',
    brokenAt: 'Statement.Resource',
    text: `{"Version":"2012-10-17","Statement":
{
  "Effect": "Allow",
  "Action": [
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion"
  ],
  "Resource": {
      "arn:aws:kms:us-west-2:111122223333:key/*"
  },
  "Condition": {
    "StringEquals": "kms:MultiRegionKeyType": "REPLICA"
  }
}
}`,
  },
  {
    name: 'restrict replication to two Regions',
    kind: 'key',
    text: `{
  "Version": "2012-10-17",
  "Id": "key-default-1",
  "Statement": [
    {
      "Sid": "Enable IAM User Permissions",
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::123456789012:root"
      },
      "Action": "kms:*",
      "Resource": "*"
    },
    {
      "Sid": "Allow use of the key",
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::123456789012:role/MyApplicationRole"
      },
      "Action": [
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:ReEncrypt*",
        "kms:GenerateDataKey*",
        "kms:DescribeKey"
      ],
      "Resource": "*"
    },
    {
        "Sid": "Restrict replication to specific regions",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "kms:ReplicateKey",
        "Resource": "*",
        "Condition": {
            "StringNotEquals": {
                "kms:ReplicaRegion": ["eu-west-1", "ap-southeast-1"]
            }
        }
    }
  ]
}`,
  },
  {
    name: 'an external account',
    kind: 'key',
    text: `{"Version":"2012-10-17","Statement":
{ "Sid": "Allow an external account to use this KMS key", "Effect": "Allow", "Principal": { "AWS": [ "arn:aws:iam::444455556666:root" ] }, "Action": [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey" ], "Resource": "*" }
}`,
  },
  {
    name: 'an external role',
    kind: 'key',
    text: `{"Version":"2012-10-17","Statement":
{ "Sid": "Allow an external account to use this KMS key", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::444455556666:role/ExampleRole" }, "Action": [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey" ], "Resource": "*" }
}`,
  },
  {
    name: 'the external side',
    kind: 'identity',
    text: `{"Version":"2012-10-17","Statement":
{ "Sid": "AllowUseOfKeyInAccount111122223333", "Effect": "Allow", "Action": [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey" ], "Resource": "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
}`,
  },
  {
    name: 'an external account, from the console',
    kind: 'key',
    text: `{"Version":"2012-10-17","Statement":
{ "Sid": "Allow use of the key", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::444455556666:root" }, "Action": [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey" ], "Resource": "*" }
}`,
  },
  {
    name: 'grants for services',
    kind: 'key',
    text: `{"Version":"2012-10-17","Statement":
{ "Sid": "Allow attachment of persistent resources", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::444455556666:root" }, "Action": [ "kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant" ], "Resource": "*", "Condition": { "Bool": { "kms:GrantIsForAWSResource": "true" } } }
}`,
  },
]
