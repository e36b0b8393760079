import { z } from 'zod'
import { integerText, list, pattern, structure } from '../../kernel/parse.ts'

/** The members that operations share, with the limits of AWS's model. Numbers come as text in the query protocol. */

const NAME = pattern('[\\w+=,.@-]*')

export const arn = z.string().min(20).max(2048)
export const sessionName = z
  .string()
  .min(2)
  .max(64)
  .regex(...NAME)
export const federatedName = z
  .string()
  .min(2)
  .max(32)
  .regex(...NAME)
export const externalId = z.string().min(2).max(1224)
export const policy = z.string().min(1).max(2048)
export const policyArns = list(structure({ arn }), 10).default([])
export const tags = list(structure({ Key: z.string().min(1).max(128), Value: z.string().max(256) }), 50).default([])
export const duration = (max: number) => integerText(900, max)
