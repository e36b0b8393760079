/**
 * A template of the form that the CDK synthesizes: a key of many Regions with an alias, a role that may use it, its own
 * metadata, and its check of what it has set up in the account.
 */
export function synthesized(): string {
  const regions = ['af-south-1', 'ap-east-1', 'ap-northeast-1', 'eu-west-1', 'sa-east-1', 'us-east-1']
  const isRegion = (region: string) => ({ 'Fn::Equals': [{ Ref: 'AWS::Region' }, region] })
  const principal = {
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':root']],
  }
  const retained = { UpdateReplacePolicy: 'Retain', DeletionPolicy: 'Retain' }
  return JSON.stringify(
    {
      Description: 'A key of many Regions.',
      Metadata: { 'AWS::CloudFormation::Interface': { ParameterGroups: null } },
      Parameters: {
        Stage: { Type: 'String', Default: 'test', AllowedValues: ['test', 'production'] },
        BootstrapVersion: {
          Type: 'AWS::SSM::Parameter::Value<String>',
          Default: '/cdk-bootstrap/hnb659fds/version',
          Description:
            'Version of the CDK Bootstrap resources in this environment, automatically retrieved from SSM Parameter Store. [cdk:skip]',
        },
      },
      Mappings: { Days: { test: { window: 7, tags: ['a', 'b'] }, production: { window: 30, tags: ['a'] } } },
      Conditions: {
        IsHome: { 'Fn::Not': [isRegion('us-east-1')] },
        CDKMetadataAvailable: {
          'Fn::Or': [{ 'Fn::Or': regions.slice(0, 3).map(isRegion) }, { 'Fn::Or': regions.slice(3).map(isRegion) }],
        },
      },
      Rules: {
        CheckBootstrapVersion: {
          Assertions: [
            {
              Assert: { 'Fn::Not': [{ 'Fn::Contains': [['1', '2', '3', '4', '5'], { Ref: 'BootstrapVersion' }] }] },
              AssertDescription:
                "CDK bootstrap stack version 6 required. Please run 'cdk bootstrap' with a recent version of the CDK CLI.",
            },
          ],
        },
      },
      Resources: {
        Key: {
          Type: 'AWS::KMS::Key',
          Properties: {
            Description: { 'Fn::Sub': ['${AWS::StackName} in ${Where}', { Where: { Ref: 'AWS::Region' } }] },
            EnableKeyRotation: true,
            KeyPolicy: {
              Statement: [{ Action: 'kms:*', Effect: 'Allow', Principal: { AWS: principal }, Resource: '*' }],
              Version: '2012-10-17',
            },
            MultiRegion: { 'Fn::If': ['IsHome', true, { Ref: 'AWS::NoValue' }] },
            PendingWindowInDays: { 'Fn::FindInMap': ['Days', { Ref: 'Stage' }, 'window'] },
          },
          ...retained,
          Metadata: { 'aws:cdk:path': 'Stack/Key/Resource' },
        },
        Alias: {
          Type: 'AWS::KMS::Alias',
          Properties: {
            AliasName: { 'Fn::Join': ['/', ['alias', { Ref: 'Stage' }]] },
            TargetKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] },
          },
        },
        Role: {
          Type: 'AWS::IAM::Role',
          Properties: {
            AssumeRolePolicyDocument: {
              Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { AWS: principal } }],
              Version: '2012-10-17',
            },
            ManagedPolicyArns: [{ 'Fn::Sub': 'arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess' }],
            Tags: [{ Key: 'stage', Value: { Ref: 'Stage' } }],
          },
        },
        RolePolicy: {
          Type: 'AWS::IAM::Policy',
          Properties: {
            PolicyDocument: {
              Statement: [
                {
                  Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
                  Effect: 'Allow',
                  Resource: { 'Fn::GetAtt': ['Key', 'Arn'] },
                  Condition: {
                    StringEquals: { 'kms:ViaService': { 'Fn::Sub': 's3.${AWS::Region}.${AWS::URLSuffix}' } },
                  },
                },
              ],
              Version: '2012-10-17',
            },
            PolicyName: { 'Fn::Select': [0, { 'Fn::Split': ['-', 'Use-it'] }] },
            Roles: [{ Ref: 'Role' }],
          },
        },
        CDKMetadata: {
          Type: 'AWS::CDK::Metadata',
          Properties: {
            Analytics:
              'v2:deflate64:H4sIAAAAAAAA/zPSM7TQM1BMLC/WTU7J1s3JTNKrDi5JTM7WcU7LC0otzi8tSk4FsZ3z81IySzLz82p18vJTUvWyivXLjIz0DPUMFLOKMzN1i0rzSjJzU/WCIDQAcH3MkVcAAAA=',
          },
          Metadata: { 'aws:cdk:path': 'Stack/CDKMetadata/Default' },
          Condition: 'CDKMetadataAvailable',
        },
      },
      Outputs: {
        ExportsOutputFnGetAttKeyArn: {
          Value: { 'Fn::GetAtt': ['Key', 'Arn'] },
          Export: { Name: 'Stack:ExportsOutputFnGetAttKeyArn' },
        },
        RoleName: { Description: 'The role.', Value: { Ref: 'Role' }, Condition: 'IsHome' },
      },
    },
    null,
    1,
  )
}
