import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useMutation } from '@tanstack/react-query'
import { proveEvent } from '../../api/audit-proofs.ts'
import { download } from '../../parts/download.ts'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { useSignedIn } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import { checkProof, type CheckedProof } from './check-proof.ts'
import type { SignatureCheck } from './note-signature.ts'
import type { TimelineEvent } from './use-timeline.ts'

const text = words.proof

/** Asks for the proof of a record, and checks it here. */
export function EventProof({ event }: { readonly event: TimelineEvent }) {
  const { data, error, isPending, mutate } = useProof(event)
  return (
    <SpaceBetween size="s">
      <Header
        variant="h3"
        description={text.about}
        actions={
          <Button loading={isPending} onClick={() => mutate()}>
            {text.prove}
          </Button>
        }
      >
        {text.title}
      </Header>
      <div aria-live="polite">
        {error !== null && <ErrorAlert error={error} />}
        {data === null && <Alert type="info">{text.notCovered}</Alert>}
        {data !== undefined && data !== null && <Proved event={event} proved={data} />}
      </div>
    </SpaceBetween>
  )
}

interface Proved {
  readonly place: string
  readonly proof: string
  readonly keys: readonly string[]
  /** Null where it is no proof. */
  readonly checked: CheckedProof | null
}

/** The proof of an event with what became of it here; null where none covers it yet. */
function useProof({ id, region, record }: TimelineEvent) {
  const { credentials } = useSignedIn()
  return useMutation({
    async mutationFn(): Promise<Proved | null> {
      const answer = await proveEvent({ credentials, region }, id)
      if (!answer.Covered) return null
      const { Place: place, Proof: proof, Key: key, WitnessKeys: witnesses } = answer
      return { place, proof, keys: [key, ...witnesses], checked: await checkProof(proof, record, key, witnesses) }
    },
  })
}

interface ProvedProps {
  readonly event: TimelineEvent
  readonly proved: Proved
}

function Proved({ event, proved: { place, proof, keys, checked } }: ProvedProps) {
  if (checked === null) return <Alert type="error">{text.malformed}</Alert>
  const { index, size, isRecord, isInTree, log, witnesses } = checked
  const file = `${event.id}.tlog-proof`
  return (
    <SpaceBetween size="s">
      <Box>{text.place(count(index + 1), count(size), place === 'global' ? text.whatHasNoRegion : place)}</Box>
      <ul className="findings">
        <Outcome isGood={isRecord} text={isRecord ? text.isRecord : text.isOtherRecord} />
        <Outcome isGood={isInTree} text={isInTree ? text.inTree : text.notInTree} />
        <Signature check={log} />
        {witnesses.map((each) => (
          <Signature key={each.name} check={each} isWitness />
        ))}
      </ul>
      <Box>{text.compare}</Box>
      <Box variant="code">
        <pre className="document" tabIndex={0} aria-label={text.keys}>
          {keys.join('\n')}
        </pre>
      </Box>
      <Box>
        {text.checkElsewhere} <Box variant="code">{`python3 examples/audit-proof/verify.py ${file} KEY...`}</Box>
      </Box>
      <SpaceBetween direction="horizontal" size="xs">
        <Button iconName="download" onClick={() => download(file, proof)}>
          {text.download}
        </Button>
        <CopyToClipboard
          textToCopy={keys.join(' ')}
          copyButtonText={text.copyKeys}
          copySuccessText={words.key.general.copied}
          copyErrorText={words.key.general.notCopied}
        />
      </SpaceBetween>
    </SpaceBetween>
  )
}

function Outcome({ isGood, text: told }: { readonly isGood: boolean; readonly text: string }) {
  return (
    <li>
      <StatusIndicator type={isGood ? 'success' : 'error'}>{told}</StatusIndicator>
    </li>
  )
}

function Signature({ check, isWitness = false }: { readonly check: SignatureCheck; readonly isWitness?: boolean }) {
  const { name, outcome } = check
  if (outcome === 'good') {
    const time = check.time === null ? '' : new Date(check.time * 1000).toLocaleString('en')
    return <Outcome isGood text={isWitness ? text.vouchedFor(name, time) : text.signed(name)} />
  }
  const [type, told] =
    outcome === 'unknown'
      ? (['warning', text.uncheckable(name)] as const)
      : outcome === 'missing' && isWitness
        ? (['pending', text.notYetVouched(name)] as const)
        : (['error', text.badSignature(name)] as const)
  return (
    <li>
      <StatusIndicator type={type}>{told}</StatusIndicator>
    </li>
  )
}

function count(number: number): string {
  return number.toLocaleString('en')
}
