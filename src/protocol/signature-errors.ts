/** Why a request is not believed to come from whom it says. */
export interface SignatureRefusal {
  /** As the JSON protocol names it. */
  readonly code: string
  readonly message: string
}

/** What of a signature was found; what is missing is empty. */
interface Found {
  readonly credential: string | undefined
  readonly signedHeaders: string | undefined
  readonly signature: string | undefined
  readonly amzDate: string | null
}

const INVALID_TOKEN = 'The security token included in the request is invalid.'

const invalid = (message: string): SignatureRefusal => ({ code: 'InvalidSignatureException', message })
const incomplete = (message: string): SignatureRefusal => ({ code: 'IncompleteSignatureException', message })

/** Each way in which a signature can fail, with AWS's code and words where they are known. */
export const signatureErrors = {
  missing: (): SignatureRefusal => ({
    code: 'MissingAuthenticationTokenException',
    message: 'Missing Authentication Token',
  }),
  presigned: () =>
    incomplete('Requests signed in their query string are not supported. Sign with an Authorization header.'),
  algorithm: (authorization: string) =>
    incomplete(
      `Signature algorithm '${authorization.split(' ', 1)[0] ?? ''}' is not supported. Sign with AWS4-HMAC-SHA256.`,
    ),
  incomplete: ({ credential, signedHeaders, signature, amzDate }: Found, authorization: string) => {
    const parameters = [
      ['Credential', credential],
      ['Signature', signature],
      ['SignedHeaders', signedHeaders],
    ] as const
    const missing = parameters
      .filter(([, value]) => !value)
      .map(([name]) => `Authorization header requires '${name}' parameter.`)
    if (amzDate === null) {
      missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    }
    return incomplete(`${missing.join(' ')} Authorization=${authorization}`)
  },
  malformed: (part: string, authorization: string) =>
    incomplete(
      part.includes('=')
        ? `'${part}' repeats or lacks the name of a parameter in Authorization header: '${authorization}'.`
        : `'${part}' not a valid key=value pair (missing equal-sign) in Authorization header: '${authorization}'.`,
    ),
  credential: (credential: string) =>
    incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    ),
  terminator: (terminator: string) =>
    invalid(`Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'. `),
  service: (service: string) => invalid(`Credential should be scoped to correct service: '${service}'. `),
  otherService: (service: string | null, served: readonly string[]): SignatureRefusal => ({
    code: 'UnknownServiceException',
    message:
      (service === null ? 'This request is for no service that is here' : `There is no ${service} here`) +
      `: this server has ${served.slice(0, -1).join(', ')} and ${served.at(-1)}. To use it beside AWS or an emulator, ` +
      'give its address to these alone: by AWS_ENDPOINT_URL_KMS, or by an endpoint_url under `kms =` in a `services` ' +
      'section of the AWS config file, instead of AWS_ENDPOINT_URL or an endpoint_url of the whole profile.',
  }),
  region: (region: string, served: readonly string[], elsewhere: readonly string[]) =>
    invalid(
      `Credential should be scoped to a valid Region, not '${region}'. This server serves ${served.join(', ')}` +
        `${elsewhere.includes(region) ? `; ${region} is served by another server of this deployment` : ''}.`,
    ),
  date: (amzDate: string) =>
    incomplete(`Date must be in ISO-8601 'basic format'. Got '${amzDate}'. See http://en.wikipedia.org/wiki/ISO_8601`),
  scopeDate: (date: string, amzDate: string) =>
    invalid(
      'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ' +
        `'${date}' != '${amzDate.slice(0, 8)}', from '${amzDate}'.`,
    ),
  expired: (amzDate: string, earliest: string, now: string) =>
    invalid(`Signature expired: ${amzDate} is now earlier than ${earliest} (${now} - 5 min.)`),
  notYetCurrent: (amzDate: string, latest: string, now: string) =>
    invalid(`Signature not yet current: ${amzDate} is still later than ${latest} (${now} + 5 min.)`),
  unsigned: (header: string) => invalid(`'${header}' must be a 'SignedHeader' in the AWS Authorization.`),
  contentHash: (claimed: string) =>
    invalid(
      claimed === 'UNSIGNED-PAYLOAD' || claimed.startsWith('STREAMING-')
        ? `'${claimed}' is not supported as X-Amz-Content-Sha256: the body must be signed.`
        : "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ),
  mismatch: () =>
    invalid(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access ' +
        'Key and signing method. Consult the service documentation for details.',
    ),
  expiredToken: (): SignatureRefusal => ({
    code: 'ExpiredTokenException',
    message: 'The security token included in the request is expired',
  }),
  unknownKey: (): SignatureRefusal => ({
    code: 'UnrecognizedClientException',
    message: INVALID_TOKEN,
  }),
  /** AWS has the first sentence only: there the Region does not know the account. */
  regionNotEnabled: (region: string, account: string): SignatureRefusal => ({
    code: 'UnrecognizedClientException',
    message:
      `${INVALID_TOKEN} The Region ${region} is not enabled for account ${account}: ` +
      `aws account enable-region --region-name ${region}`,
  }),
} as const
