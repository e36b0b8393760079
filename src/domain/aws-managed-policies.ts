import { policyArn } from './identity-arn.ts'
import type { ManagedPolicy } from './identity.ts'

/** The account in the ARNs of AWS's own policies. */
export const AWS_ACCOUNT = 'aws'

const ADMINISTRATOR: ManagedPolicy = {
  id: 'ANPAIWMBCKSKIEE64ZLYK',
  name: 'AdministratorAccess',
  path: '/',
  description: 'Provides full access to AWS services and resources.',
  createdAt: Date.UTC(2015, 1, 6, 18, 39, 46),
  updatedAt: Date.UTC(2015, 1, 6, 18, 39, 46),
  versions: [
    {
      id: 'v1',
      createdAt: Date.UTC(2015, 1, 6, 18, 39, 46),
      text: text([{ Effect: 'Allow', Action: '*', Resource: '*' }]),
    },
  ],
  defaultVersion: 'v1',
  nextVersion: 2,
  tags: [],
}

const KMS_POWER_USER: ManagedPolicy = {
  id: 'ANPAJNPP7PPPPMJRV2SA4',
  name: 'AWSKeyManagementServicePowerUser',
  path: '/',
  description: 'Provides access to AWS Key Management Service (KMS).',
  createdAt: Date.UTC(2015, 1, 6, 18, 40, 40),
  updatedAt: Date.UTC(2017, 2, 7, 0, 55, 11),
  versions: [
    {
      id: 'v2',
      createdAt: Date.UTC(2017, 2, 7, 0, 55, 11),
      text: text([
        {
          Effect: 'Allow',
          Action: [
            'kms:CreateAlias',
            'kms:CreateKey',
            'kms:DeleteAlias',
            'kms:Describe*',
            'kms:GenerateRandom',
            'kms:Get*',
            'kms:List*',
            'kms:TagResource',
            'kms:UntagResource',
            'iam:ListGroups',
            'iam:ListRoles',
            'iam:ListUsers',
          ],
          Resource: '*',
        },
      ]),
    },
  ],
  defaultVersion: 'v2',
  nextVersion: 3,
  tags: [],
}

/** What the service-linked role of multi-Region keys may do (AWS KMS Developer Guide). The id is of our making. */
const KMS_MULTI_REGION: ManagedPolicy = {
  id: 'ANPAKEYSPANMULTIREGIO',
  name: 'AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy',
  path: '/aws-service-role/',
  description: 'Enables access to AWS services and resources required for AWS KMS Multi-Region Keys',
  createdAt: Date.UTC(2021, 5, 16),
  updatedAt: Date.UTC(2024, 10, 1),
  versions: [
    {
      id: 'v1',
      createdAt: Date.UTC(2021, 5, 16),
      text: text([{ Effect: 'Allow', Action: ['kms:SynchronizeMultiRegionKey'], Resource: '*' }]),
    },
    {
      id: 'v2',
      createdAt: Date.UTC(2024, 10, 1),
      text: text([
        {
          Sid: 'KMSSynchronizeMultiRegionKey',
          Effect: 'Allow',
          Action: ['kms:SynchronizeMultiRegionKey'],
          Resource: '*',
        },
      ]),
    },
  ],
  defaultVersion: 'v2',
  nextVersion: 3,
  tags: [],
}

/**
 * The policies of AWS that this server knows, by their ARNs: every account can attach them, none can change them.
 *
 * Source: AWS Managed Policy Reference Guide.
 */
export const AWS_MANAGED_POLICIES: ReadonlyMap<string, ManagedPolicy> = new Map(
  [ADMINISTRATOR, KMS_POWER_USER, KMS_MULTI_REGION].map((policy) => [policyArn(AWS_ACCOUNT, policy), policy]),
)

function text(statements: readonly Readonly<Record<string, unknown>>[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}
