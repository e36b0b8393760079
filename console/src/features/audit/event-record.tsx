import Box from '@cloudscape-design/components/box'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { words } from '../../words/en.ts'
import { EventProof } from './event-proof.tsx'
import type { TimelineEvent } from './use-timeline.ts'

const text = words.audit

interface EventRecordProps {
  readonly event: TimelineEvent
  readonly onDone: () => void
}

/** One record in full, as CloudTrail has it. */
export function EventRecord({ event, onDone }: EventRecordProps) {
  const record = JSON.stringify(JSON.parse(event.record), null, 2)
  return (
    <Modal
      visible
      size="large"
      header={event.name}
      onDismiss={onDone}
      closeAriaLabel={words.header.close}
      footer={
        <Box float="right">
          <CopyToClipboard
            textToCopy={record}
            copyButtonText={text.copy}
            copySuccessText={words.key.general.copied}
            copyErrorText={words.key.general.notCopied}
          />
        </Box>
      }
    >
      <SpaceBetween size="l">
        <EventProof event={event} />
        <Box variant="code">
          <pre className="document" tabIndex={0} aria-label={event.name}>
            {record}
          </pre>
        </Box>
      </SpaceBetween>
    </Modal>
  )
}
