import { errorKind } from '../../kernel/errors.ts'

/** Every error that an operation of KMS declares: AWS's codes, and what each means. */
export const errors = {
  AlreadyExistsException: errorKind(
    'AlreadyExistsException',
    400,
    'Something of that name, or in that Region, exists.',
  ),
  ConflictException: errorKind('ConflictException', 400, 'A rotation is under way, or about to begin by itself.'),
  CustomKeyStoreNotFoundException: errorKind(
    'CustomKeyStoreNotFoundException',
    400,
    'There is no such custom key store: this server has none.',
  ),
  DisabledException: errorKind('DisabledException', 400, 'The key is disabled.'),
  DryRunOperationException: errorKind('DryRunOperationException', 400, 'The request would have succeeded.'),
  ExpiredImportTokenException: errorKind('ExpiredImportTokenException', 400, 'The import token is older than a day.'),
  IncorrectKeyMaterialException: errorKind(
    'IncorrectKeyMaterialException',
    400,
    'The material is not of the kind, or not the one, that the key takes.',
  ),
  IncorrectKeyException: errorKind('IncorrectKeyException', 400, 'The ciphertext belongs to another key.'),
  InvalidAliasNameException: errorKind('InvalidAliasNameException', 400, 'The name cannot be an alias.'),
  InvalidArnException: errorKind('InvalidArnException', 400, 'The ARN does not name what the operation takes.'),
  InvalidCiphertextException: errorKind(
    'InvalidCiphertextException',
    400,
    'The ciphertext is damaged, or not of this encryption context.',
  ),
  InvalidGrantIdException: errorKind('InvalidGrantIdException', 400, 'The text cannot be the id of a grant.'),
  InvalidGrantTokenException: errorKind('InvalidGrantTokenException', 400, 'No grant was given that token.'),
  InvalidImportTokenException: errorKind(
    'InvalidImportTokenException',
    400,
    'The import token was not given for this key in this Region.',
  ),
  InvalidKeyUsageException: errorKind('InvalidKeyUsageException', 400, 'The key is not for that use or algorithm.'),
  InvalidMarkerException: errorKind('InvalidMarkerException', 400, 'The marker was not given by this operation.'),
  KMSInvalidMacException: errorKind('KMSInvalidMacException', 400, 'The MAC is not that of the message under the key.'),
  KMSInvalidSignatureException: errorKind(
    'KMSInvalidSignatureException',
    400,
    'The signature is not that of the message under the key.',
  ),
  KMSInvalidStateException: errorKind('KMSInvalidStateException', 400, "The key's state does not allow it."),
  LimitExceededException: errorKind('LimitExceededException', 400, 'A quota is used up.'),
  MalformedPolicyDocumentException: errorKind(
    'MalformedPolicyDocumentException',
    400,
    'The policy cannot be read, or would lock the caller out.',
  ),
  NotAuthorizedException: errorKind('NotAuthorizedException', 400, 'The alias is one that AWS has set aside.'),
  NotFoundException: errorKind(
    'NotFoundException',
    400,
    'There is no such key, alias, policy or grant in this Region.',
  ),
  TagException: errorKind('TagException', 400, 'The tags are not acceptable together.'),
  UnsupportedOperationException: errorKind(
    'UnsupportedOperationException',
    400,
    'It cannot be done with a key of that kind, or not by this server.',
  ),
} as const
