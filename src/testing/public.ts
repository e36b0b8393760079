/**
 * What `keyspan/testing` is to those who use it. This file stands alone: it is published as its types.
 */

/** How a server for tests is started. Everything may be left out. */
export interface KeyspanOptions {
  /**
   * What it begins with: the content of a seed, or the path of its file in YAML or JSON (docs/guide/test-kit.md). Left
   * out, there is account 111122223333 with its root user, and nothing else.
   */
  readonly seed?: KeyspanSeed | string | URL
  /** The only Regions; every commercial one where it is left out. The first is where nothing else is said. */
  readonly regions?: readonly string[]
  /** An access key of the root user of the first account, besides those of the seed. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** 0, which is the default, takes a free one. */
  readonly port?: number
  /** `log` lets pass what policies refuse. */
  readonly enforcement?: 'enforce' | 'log'
  /** `aws` holds each account to AWS's request quotas. */
  readonly throttle?: 'off' | 'aws'
  /** What is told on standard error; `error` where it is left out. */
  readonly log?: 'error' | 'warn' | 'info' | 'silent'
}

/**
 * What a seed says, in the fields of docs/guide/test-kit.md. What is one of a few texts, such as `KeySpec`, is any text
 * here, so that a JSON file can be imported: the server says what cannot be.
 */
export interface KeyspanSeed {
  readonly Accounts: readonly KeyspanSeedAccount[]
  readonly Organization?: KeyspanSeedOrganization | undefined
}

/** Written out, or a text in JSON. */
export type KeyspanSeedPolicy = string | Readonly<Record<string, unknown>>

export interface KeyspanSeedAccount {
  /** 12 digits. */
  readonly AccountId: string
  /** Those of the root user. */
  readonly AccessKeys?: readonly KeyspanSeedAccessKey[] | undefined
  readonly EnabledRegions?: readonly string[] | undefined
  readonly Policies?: readonly KeyspanSeedManagedPolicy[] | undefined
  readonly Groups?: readonly KeyspanSeedGroup[] | undefined
  readonly Users?: readonly KeyspanSeedUser[] | undefined
  readonly Roles?: readonly KeyspanSeedRole[] | undefined
  readonly Keys?: readonly KeyspanSeedKey[] | undefined
}

export interface KeyspanSeedAccessKey {
  readonly AccessKeyId: string
  readonly SecretAccessKey: string
  readonly Status?: string | undefined
}

export interface KeyspanSeedTag {
  readonly Key: string
  readonly Value: string
}

export interface KeyspanSeedManagedPolicy {
  readonly PolicyName: string
  readonly PolicyDocument: KeyspanSeedPolicy
  readonly Path?: string | undefined
  readonly Description?: string | undefined
  readonly Tags?: readonly KeyspanSeedTag[] | undefined
}

/** What groups, users and roles have. */
export interface KeyspanSeedIdentity {
  readonly Path?: string | undefined
  /** ARNs, or the names of AWS's policies or the account's. */
  readonly ManagedPolicyArns?: readonly string[] | undefined
  readonly Policies?: readonly { readonly PolicyName: string; readonly PolicyDocument: KeyspanSeedPolicy }[] | undefined
}

export interface KeyspanSeedGroup extends KeyspanSeedIdentity {
  readonly GroupName: string
}

export interface KeyspanSeedUser extends KeyspanSeedIdentity {
  readonly UserName: string
  readonly Groups?: readonly string[] | undefined
  readonly PermissionsBoundary?: string | undefined
  readonly Tags?: readonly KeyspanSeedTag[] | undefined
  readonly AccessKeys?: readonly KeyspanSeedAccessKey[] | undefined
}

export interface KeyspanSeedRole extends KeyspanSeedIdentity {
  readonly RoleName: string
  readonly AssumeRolePolicyDocument: KeyspanSeedPolicy
  readonly Description?: string | undefined
  readonly MaxSessionDuration?: number | undefined
  readonly PermissionsBoundary?: string | undefined
  readonly Tags?: readonly KeyspanSeedTag[] | undefined
}

/** What related keys each have of their own. */
export interface KeyspanSeedOwnOfKey {
  readonly Description?: string | undefined
  readonly Policy?: KeyspanSeedPolicy | undefined
  readonly Tags?: readonly { readonly TagKey: string; readonly TagValue: string }[] | undefined
  readonly Aliases?: readonly string[] | undefined
  readonly Grants?: readonly KeyspanSeedGrant[] | undefined
  readonly Enabled?: boolean | undefined
  readonly PendingWindowInDays?: number | undefined
}

export interface KeyspanSeedKey extends KeyspanSeedOwnOfKey {
  readonly KeyId?: string | undefined
  readonly Region?: string | undefined
  readonly KeySpec?: string | undefined
  readonly KeyUsage?: string | undefined
  readonly Origin?: string | undefined
  readonly MultiRegion?: boolean | undefined
  readonly KeyMaterials?: readonly string[] | undefined
  readonly KeyRotationEnabled?: boolean | undefined
  readonly RotationPeriodInDays?: number | undefined
  readonly Replicas?: readonly KeyspanSeedReplica[] | undefined
}

export interface KeyspanSeedReplica extends KeyspanSeedOwnOfKey {
  readonly Region: string
  readonly HasMaterial?: boolean | undefined
}

export interface KeyspanSeedGrant {
  readonly GrantId?: string | undefined
  readonly Name?: string | undefined
  readonly GranteePrincipal: string
  readonly RetiringPrincipal?: string | undefined
  readonly Operations: readonly string[]
  readonly Constraints?:
    | {
        readonly EncryptionContextEquals?: Readonly<Record<string, string>> | undefined
        readonly EncryptionContextSubset?: Readonly<Record<string, string>> | undefined
      }
    | undefined
  readonly IssuingAccount?: string | undefined
}

/** What the root of an organization and its units have below them. */
export interface KeyspanSeedBelow {
  readonly AttachedPolicies?: readonly string[] | undefined
  readonly Accounts?:
    | readonly { readonly AccountId: string; readonly AttachedPolicies?: readonly string[] | undefined }[]
    | undefined
  readonly OrganizationalUnits?: readonly KeyspanSeedUnit[] | undefined
}

export interface KeyspanSeedUnit extends KeyspanSeedBelow {
  readonly Name: string
}

export interface KeyspanSeedOrganization extends KeyspanSeedBelow {
  readonly ManagementAccount: string
  readonly FeatureSet?: string | undefined
  readonly PolicyTypes?: readonly string[] | undefined
  readonly Policies?:
    | readonly {
        readonly Name: string
        readonly Type: string
        readonly Description?: string | undefined
        readonly Content: KeyspanSeedPolicy
      }[]
    | undefined
}

/** What a client signs with. */
export interface KeyspanCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of a session. */
  readonly sessionToken?: string
}

/** Whom a client stands for, and where it asks. */
export interface KeyspanClientOptions {
  readonly region?: string
  /**
   * A user or role by its name or ARN, or an account by its id, which is its root user. Left out, it is the root user of
   * the first account.
   */
  readonly as?: string
}

/** What every client of the AWS SDK takes. */
export interface KeyspanClientConfig {
  readonly endpoint: string
  readonly region: string
  readonly credentials: KeyspanCredentials | (() => Promise<KeyspanCredentials>)
}

/** An account as the seed has it. */
export interface KeyspanAccount {
  readonly id: string
  /** Those of its root user. */
  readonly credentials: KeyspanCredentials
  readonly users: readonly { readonly name: string; readonly arn: string; readonly credentials: KeyspanCredentials }[]
  readonly roles: readonly { readonly name: string; readonly arn: string }[]
  readonly keys: readonly { readonly id: string; readonly arn: string; readonly region: string }[]
}

/** The server's clock. Signatures are judged by the real one, so that clients need not know of it. */
export interface KeyspanClock {
  now(): Date
  /**
   * Moves it, and waits until what is due by then has happened.
   *
   * @param duration such as `30d`, `12h`, `5m` or `90s`, or milliseconds
   */
  advance(duration: string | number): Promise<Date>
  /** Moves it to a time that is still to come, a hundred years ahead at most; `advance` does not go further either. */
  set(time: Date | string): Promise<Date>
}

/** Why something was refused. */
export interface KeyspanExplanation {
  /** For people. */
  readonly text: string
  readonly explained: {
    readonly allowed: boolean
    readonly permissions: readonly {
      readonly allowed: boolean
      /** Such as `kms:Encrypt`. */
      readonly action: string
      readonly resource: string | null
      readonly region: string
      /** The ARN of who asked. */
      readonly caller: string
      /** What is in the way, with what would help. */
      readonly steps: readonly {
        readonly cause: string
        readonly remedies: readonly { readonly kind: string; readonly text: string }[]
      }[]
      readonly notes: readonly string[]
    }[]
    readonly notes: readonly string[]
  }
}

/** A server in this process, with data of its own that is gone when it stops. */
export interface Keyspan extends AsyncDisposable {
  readonly url: string
  /** Where nothing else is said. */
  readonly region: string
  readonly accounts: readonly KeyspanAccount[]
  /** Those of the root user of the first account. */
  readonly credentials: KeyspanCredentials
  readonly clock: KeyspanClock
  /** What a client of the AWS SDK is made with. */
  config(options?: KeyspanClientOptions): KeyspanClientConfig
  /**
   * Makes a client of the AWS SDK, which is destroyed when the server stops: `client(KMSClient, { as: 'ada' })`.
   *
   * @param options may have more that the client takes
   */
  client<Client>(
    type: new (configuration: never) => Client,
    options?: KeyspanClientOptions & Readonly<Record<string, unknown>>,
  ): Client
  /** Cuts two Regions off from each other, or one from all others, once what is under way there has ended. */
  partition(one: string, other?: string): Promise<void>
  /** Takes a Region down: it closes connections without an answer, and hears no other Region; its time goes on. */
  down(region: string): Promise<void>
  /** Brings it up again. */
  up(region: string): Promise<void>
  /** Has what passes between two Regions be so much later, such as `10m`, by the server's clock. */
  delay(one: string, other: string, duration: string): Promise<void>
  /** Takes all of that back. */
  heal(): void
  /** Waits until nothing is under way between Regions that can reach each other. */
  settle(): Promise<void>
  /** Why the newest refusal was one; null where nothing was refused. */
  explainLast(): Promise<KeyspanExplanation | null>
  /** Brings everything back to the seed, the clock and the lines between Regions too. */
  reset(): Promise<void>
  /** Ends it; asked again it is the same end. Whatever else is asked for then is refused with an error that says so. */
  stop(): Promise<void>
}

/**
 * Starts a server in this process, on a free port, whose data is gone when it stops.
 *
 * It changes nothing outside of itself: no environment, no directory, no signal; while any run, one listener for the
 * end of the process takes their files away. Any number can run side by side. Until it is stopped it keeps the process
 * alive.
 *
 * @throws an error that says what to do, with a line for each mistake of the seed
 */
export type StartKeyspan = (options?: KeyspanOptions) => Promise<Keyspan>
