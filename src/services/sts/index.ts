import type { Operation } from '../../kernel/operation.ts'
import { GetCallerIdentity } from './operations/get-caller-identity.ts'

/** Every operation of STS that this server does. */
export const stsOperations: readonly Operation[] = [GetCallerIdentity]
