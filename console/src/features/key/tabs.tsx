import type { TabsProps } from '@cloudscape-design/components/tabs'
import { lazy, Suspense, type ReactNode } from 'react'
import { isAsymmetric, type KeySpec } from '../../../../src/domain/key-spec.ts'
import type { KeyMetadata } from '../../api/kms.ts'
import { words } from '../../words/en.ts'

// What a tab takes is loaded when it is first opened.
const PolicyTab = lazy(async () => ({ default: (await import('./tabs/policy-tab.tsx')).PolicyTab }))
const AccessTab = lazy(async () => ({ default: (await import('../access/access-tab.tsx')).AccessTab }))
const CryptographyTab = lazy(async () => ({ default: (await import('./tabs/cryptography-tab.tsx')).CryptographyTab }))
const TagsTab = lazy(async () => ({ default: (await import('./tabs/tags-tab.tsx')).TagsTab }))
const AliasesTab = lazy(async () => ({ default: (await import('./tabs/aliases-tab.tsx')).AliasesTab }))
const RotationTab = lazy(async () => ({ default: (await import('./tabs/rotation-tab.tsx')).RotationTab }))
const MaterialTab = lazy(async () => ({ default: (await import('./tabs/material-tab.tsx')).MaterialTab }))
const PublicKeyTab = lazy(async () => ({ default: (await import('./tabs/public-key-tab.tsx')).PublicKeyTab }))
const RegionalityTab = lazy(async () => ({
  default: (await import('./regionality/regionality-tab.tsx')).RegionalityTab,
}))
const GrantsTab = lazy(async () => ({ default: (await import('./tabs/grants-tab.tsx')).GrantsTab }))

const AuditTab = lazy(async () => ({ default: (await import('./tabs/audit-tab.tsx')).AuditTab }))

/** The tabs of a key: what it has not has none. */
export function tabsOf(key: KeyMetadata): readonly TabsProps.Tab[] {
  const isSymmetric = key.KeySpec === 'SYMMETRIC_DEFAULT'
  const text = words.key
  return [
    tab('policy', text.policy.title, <PolicyTab keyMetadata={key} />),
    tab('access', words.access.title, <AccessTab keyMetadata={key} />),
    tab('cryptography', text.cryptography.title, <CryptographyTab keyMetadata={key} />),
    tab('tags', text.tags.title, <TagsTab keyMetadata={key} />),
    ...(isAsymmetric(key.KeySpec as KeySpec)
      ? [tab('public-key', text.publicKey.title, <PublicKeyTab keyMetadata={key} />)]
      : []),
    ...(isSymmetric || key.Origin === 'EXTERNAL'
      ? [tab('material', text.material.title, <MaterialTab keyMetadata={key} />)]
      : []),
    ...(isSymmetric ? [tab('rotation', text.rotation.title, <RotationTab keyMetadata={key} />)] : []),
    ...(key.MultiRegion ? [tab('regionality', text.regionality.title, <RegionalityTab keyMetadata={key} />)] : []),
    tab('aliases', text.aliases.title, <AliasesTab keyMetadata={key} />),
    tab('grants', text.grants.title, <GrantsTab keyMetadata={key} />),
    tab('audit', words.audit.ofKey, <AuditTab keyMetadata={key} />),
  ]
}

/** The tabs of another account's key: AWS lets nobody ask for more of it. */
export function tabsOfForeign(key: KeyMetadata): readonly TabsProps.Tab[] {
  return tabsOf(key).filter(({ id }) => FOREIGN.has(id))
}

const FOREIGN = new Set(['cryptography', 'public-key', 'grants'])

function tab(id: string, label: string, content: ReactNode): TabsProps.Tab {
  return { id, label, content: <Suspense>{content}</Suspense> }
}
