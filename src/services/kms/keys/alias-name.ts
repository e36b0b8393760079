import { refuseAliasName, type AliasNameRefusal } from '../../../domain/alias.ts'
import { common, type WireError } from '../../../kernel/errors.ts'
import { errors } from '../errors.ts'

const refusedName: Readonly<Record<AliasNameRefusal, (name: string) => WireError>> = {
  'no-prefix': () =>
    common.ValidationException(
      'Alias must start with the prefix "alias/". Please see ' +
        'https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    ),
  empty: () => errors.InvalidAliasNameException('An alias needs a name behind its prefix "alias/".'),
  reserved: (name) =>
    errors.NotAuthorizedException(`${name}: names that begin with "alias/aws/" are for keys that AWS manages.`),
}

/** Refuses a name that a customer's alias may not have. */
export function requireAliasName(name: string): void {
  const refusal = refuseAliasName(name)
  if (refusal !== null) throw refusedName[refusal](name)
}

/** Refuses a name that no new alias gets, though the pattern of AWS's model lets it through. */
export function requireNewAliasName(name: string): void {
  requireAliasName(name)
  if (name.includes(':')) throw common.ValidationException(`${name} contains invalid characters for an alias`)
}
