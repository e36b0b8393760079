import { z } from 'zod'
import { pattern, structure } from '../../kernel/parse.ts'

/** The members that operations share, with the limits of AWS's model (AWS Account Management API Reference). */

export const accountId = z.string().regex(...pattern('\\d{12}'))
export const regionName = z.string().min(1).max(50)
export const accountName = z
  .string()
  .min(1)
  .max(50)
  .regex(...pattern('[ -;=?-~]+'))

const text = (max: number) => z.string().min(1).max(max)
export const contactInformation = structure({
  FullName: text(50),
  AddressLine1: text(60),
  AddressLine2: text(60).optional(),
  AddressLine3: text(60).optional(),
  City: text(50),
  StateOrRegion: text(50).optional(),
  DistrictOrCounty: text(50).optional(),
  PostalCode: text(20),
  CountryCode: z.string().length(2),
  PhoneNumber: text(20).regex(...pattern('[+][\\s0-9()-]+')),
  CompanyName: text(50).optional(),
  WebsiteUrl: text(256).optional(),
})
