import { access } from './access.ts'
import { audit } from './audit.ts'
import { errors } from './errors.ts'
import { key } from './key.ts'
import { firstRun, keys } from './keys.ts'
import { policyEditor, policyEffect } from './policy.ts'
import { header, navigation } from './shell.ts'
import { proof } from './proof.ts'
import { signIn } from './sign-in.ts'
import { system } from './system.ts'
import { origins, regionality, rotationTypes, states, usages } from './terms.ts'
import { wizard } from './wizard.ts'

/** All that the console says, a room for each feature. Names of AWS's things are AWS's. */
export const words = {
  product: 'Keyspan',
  service: 'Key Management Service',
  signIn,
  header,
  navigation,
  keys,
  regionality,
  states,
  usages,
  origins,
  rotationTypes,
  key,
  firstRun,
  system,
  audit,
  proof,
  wizard,
  access,
  policyEditor,
  policyEffect,
  symmetric: 'Symmetric',
  asymmetric: 'Asymmetric',
  errors,
} as const
