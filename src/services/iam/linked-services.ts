/** A service of AWS that has a role of its own in accounts. */
interface LinkedService {
  /** The name of the role, before a suffix. */
  readonly role: string
  /** Whether an account can have several, told apart by what customers put behind the name. */
  readonly suffix: boolean
}

const one = (role: string): LinkedService => ({ role: `AWSServiceRoleFor${role}`, suffix: false })
const several = (role: string): LinkedService => ({ ...one(role), suffix: true })

/**
 * The services whose roles can be made, by their principals (IAM User Guide, "AWS services that work with IAM", and the
 * guides of each). Policies name these roles; nobody here takes them on, so that they have no permissions.
 */
export const LINKED_SERVICES: ReadonlyMap<string, LinkedService> = new Map([
  ['access-analyzer.amazonaws.com', one('AccessAnalyzer')],
  ['autoscaling.amazonaws.com', several('AutoScaling')],
  ['backup.amazonaws.com', one('Backup')],
  ['batch.amazonaws.com', one('Batch')],
  ['cks.kms.amazonaws.com', one('KeyManagementServiceCustomKeyStores')],
  ['cloudtrail.amazonaws.com', one('CloudTrail')],
  ['config.amazonaws.com', one('Config')],
  ['connect.amazonaws.com', several('AmazonConnect')],
  ['dynamodb.application-autoscaling.amazonaws.com', one('ApplicationAutoScaling_DynamoDBTable')],
  ['ec2fleet.amazonaws.com', one('EC2Fleet')],
  ['ecs.amazonaws.com', one('ECS')],
  ['ecs.application-autoscaling.amazonaws.com', one('ApplicationAutoScaling_ECSService')],
  ['eks-fargate.amazonaws.com', one('AmazonEKSForFargate')],
  ['eks-nodegroup.amazonaws.com', one('AmazonEKSNodegroup')],
  ['eks.amazonaws.com', one('AmazonEKS')],
  ['elasticache.amazonaws.com', one('ElastiCache')],
  ['elasticfilesystem.amazonaws.com', one('AmazonElasticFileSystem')],
  ['elasticloadbalancing.amazonaws.com', one('ElasticLoadBalancing')],
  ['elasticmapreduce.amazonaws.com', one('EMRCleanup')],
  ['es.amazonaws.com', one('AmazonElasticsearchService')],
  ['fsx.amazonaws.com', one('AmazonFSx')],
  ['guardduty.amazonaws.com', one('AmazonGuardDuty')],
  ['imagebuilder.amazonaws.com', one('ImageBuilder')],
  ['inspector2.amazonaws.com', one('AmazonInspector2')],
  ['kafka.amazonaws.com', one('Kafka')],
  ['lexv2.amazonaws.com', several('LexV2Bots')],
  ['macie.amazonaws.com', one('AmazonMacie')],
  ['memorydb.amazonaws.com', one('MemoryDB')],
  ['opensearchservice.amazonaws.com', one('AmazonOpenSearchService')],
  ['ops.apigateway.amazonaws.com', one('APIGateway')],
  ['organizations.amazonaws.com', one('Organizations')],
  ['rds.amazonaws.com', one('RDS')],
  ['rds.application-autoscaling.amazonaws.com', one('ApplicationAutoScaling_RDSCluster')],
  ['redshift.amazonaws.com', one('Redshift')],
  ['replication.dynamodb.amazonaws.com', one('DynamoDBReplication')],
  ['replicator.lambda.amazonaws.com', one('LambdaReplicator')],
  ['securityhub.amazonaws.com', one('SecurityHub')],
  ['spot.amazonaws.com', one('EC2Spot')],
  ['spotfleet.amazonaws.com', one('EC2SpotFleet')],
  ['ssm.amazonaws.com', one('AmazonSSM')],
  ['sso.amazonaws.com', one('SSO')],
  ['support.amazonaws.com', one('Support')],
  ['transitgateway.amazonaws.com', one('VPCTransitGateway')],
  ['trustedadvisor.amazonaws.com', one('TrustedAdvisor')],
])
