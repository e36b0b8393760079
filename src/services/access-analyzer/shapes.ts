import { z } from 'zod'
import { list } from '../../kernel/parse.ts'
import { LONGEST_POLICY } from './limits.ts'

/** The members that operations share (IAM Access Analyzer API Reference). */

export const policyDocument = z.string().max(LONGEST_POLICY)
export const checkedType = z.enum(['IDENTITY_POLICY', 'RESOURCE_POLICY'])
export const names = list(z.string().min(1).max(2048), 100)
