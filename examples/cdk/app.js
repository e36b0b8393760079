// Keys of the CDK: npx cdk deploy --all --parameters Replicas:PrimaryArn=..., or cdk synth and aws cloudformation deploy.
import { App, CfnOutput, CfnParameter, Duration, LegacyStackSynthesizer, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { AccountRootPrincipal, PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam'
import { CfnKey, CfnReplicaKey, Key } from 'aws-cdk-lib/aws-kms'

const ofTheAccount = () =>
  new PolicyDocument({
    statements: [
      new PolicyStatement({ principals: [new AccountRootPrincipal()], actions: ['kms:*'], resources: ['*'] }),
    ],
  })

class Keys extends Stack {
  constructor(scope, id, props) {
    super(scope, id, props)
    const primary = new CfnKey(this, 'Primary', {
      multiRegion: true,
      keyPolicy: ofTheAccount(),
      pendingWindowInDays: 7,
    })
    primary.applyRemovalPolicy(RemovalPolicy.DESTROY)
    const single = new Key(this, 'Single', {
      alias: 'cdk/single',
      enableKeyRotation: true,
      pendingWindow: Duration.days(7),
      removalPolicy: RemovalPolicy.DESTROY,
    })
    single.grantEncryptDecrypt(new Role(this, 'App', { assumedBy: new AccountRootPrincipal() }))
    new CfnOutput(this, 'PrimaryArn', { value: primary.attrArn })
    new CfnOutput(this, 'SingleArn', { value: single.keyArn })
  }
}

class Replicas extends Stack {
  constructor(scope, id, props) {
    super(scope, id, props)
    const { valueAsString: primaryKeyArn } = new CfnParameter(this, 'PrimaryArn')
    const replica = new CfnReplicaKey(this, 'Replica', {
      primaryKeyArn,
      keyPolicy: ofTheAccount(),
      pendingWindowInDays: 7,
    })
    new CfnOutput(this, 'ReplicaArn', { value: replica.attrArn })
  }
}

// `cdk deploy` of the CDK's standard synthesizer puts templates into S3; this one sends them as they are.
const sending = () => (process.env.CDK_SEND ? { synthesizer: new LegacyStackSynthesizer() } : {})
const app = new App()
new Keys(app, 'Keys', { ...sending(), env: { account: '111122223333', region: 'us-east-1' } })
new Replicas(app, 'Replicas', { ...sending(), env: { account: '111122223333', region: 'eu-west-1' } })
