import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import type { Grant, KeyMetadata } from '../../../api/kms.ts'
import { Empty } from '../../../parts/empty.tsx'
import { More } from '../../../parts/more.tsx'
import { Moment } from '../../../parts/moment.tsx'
import { words } from '../../../words/en.ts'
import { ConfirmChange } from '../confirm-change.tsx'
import { useKeyList } from '../use-key.ts'

const text = words.key.grants

/** Who was given the use of a key by grants. */
export function GrantsTab({ keyMetadata: { KeyId } }: { readonly keyMetadata: KeyMetadata }) {
  const listing = useKeyList('ListGrants', KeyId)
  const [revoked, setRevoked] = useState<Grant | null>(null)
  return (
    <>
      <Table<Grant>
        items={listing.items}
        loading={listing.isPending}
        loadingText={text.title}
        trackBy="GrantId"
        wrapLines
        empty={<Empty title={text.none} description={text.noneText} />}
        columnDefinitions={[
          {
            id: 'name',
            header: text.name,
            cell: ({ Name, GrantId }) => Name || GrantId.slice(0, 12),
            isRowHeader: true,
          },
          {
            id: 'grantee',
            header: text.grantee,
            cell: ({ GranteePrincipal, GranteeServicePrincipal }) => GranteePrincipal ?? GranteeServicePrincipal ?? '-',
          },
          { id: 'operations', header: text.operations, cell: ({ Operations }) => Operations.join(', ') },
          {
            id: 'created',
            header: words.keys.created,
            minWidth: 180,
            cell: ({ CreationDate }) => <Moment seconds={CreationDate} />,
          },
          {
            id: 'revoke',
            header: text.revoke,
            cell: (grant) => (
              <Button
                variant="inline-icon"
                iconName="remove"
                ariaLabel={text.revokeOne(grant.Name || grant.GrantId)}
                onClick={() => setRevoked(grant)}
              />
            ),
          },
        ]}
        footer={<More listing={listing} />}
        header={<Header counter={listing.counter}>{text.title}</Header>}
      />
      {revoked !== null && (
        <ConfirmChange
          title={text.revoke}
          operation="RevokeGrant"
          input={{ KeyId, GrantId: revoked.GrantId }}
          done={text.revoked}
          onDone={() => setRevoked(null)}
        >
          {text.revokeAbout(revoked.GranteePrincipal ?? revoked.GranteeServicePrincipal ?? '')}
        </ConfirmChange>
      )}
    </>
  )
}
