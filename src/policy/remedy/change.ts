import { candidatesOf, compilePolicy, type CompiledPolicy } from '../compile.ts'
import type { PolicyDocument, PolicyKind, Statement } from '../parse/document.ts'
import type { Layer, PolicyLayers, PolicySource, Question } from '../layers.ts'

/** Gives the unique id of the principal that a name means, were the policy put now. */
export type Resolve = (principal: string) => string

/** One statement of one policy, as it would be. */
export interface Change {
  readonly layer: Layer
  /** The policy; null is a new one. */
  readonly source: PolicySource | null
  /** As it is; null for one that is added. */
  readonly before: Statement | null
  readonly after: Statement
}

/** A question as it would be after a change. */
export function supposeChanged(question: Question, change: Change, resolve: Resolve): Question {
  const { layer, source } = change
  const changed: PolicySource = { ...source, policy: changedPolicy(change, resolve) }
  return { ...question, layers: withSource(question.layers, layer, source, changed) }
}

/** A question as it would be if a policy were put again as it is: its names mean who has them now. */
export function supposePutAgain(
  question: Question,
  { layer, source }: Pick<Change, 'layer'> & { readonly source: PolicySource },
  resolve: Resolve,
): Question {
  const policy = compilePolicy(source.policy.document, { resolvePrincipal: resolve })
  return { ...question, layers: withSource(question.layers, layer, source, { ...source, policy }) }
}

/** The statement to add to a policy: it stands behind all others. */
export function behindAll(policy: CompiledPolicy | undefined): Pick<Statement, 'index' | 'line' | 'column'> {
  return { index: policy?.document.statements.length ?? 0, line: 0, column: 0 }
}

const KINDS: Readonly<Record<Layer, PolicyKind>> = {
  identity: 'identity',
  boundary: 'boundary',
  session: 'session',
  scp: 'scp',
  rcp: 'rcp',
  vpce: 'vpce',
  resource: 'key',
}

/** Only the statement that changes is compiled: policies may have thousands. */
function changedPolicy({ layer, source, after }: Change, resolve: Resolve): CompiledPolicy {
  const kind = source?.policy.document.kind ?? KINDS[layer]
  const document: PolicyDocument = { version: '2012-10-17', ...source?.policy.document, kind, statements: [after] }
  const [compiled] = compilePolicy(document, { resolvePrincipal: resolve }).statements
  const others = source?.policy.statements.filter((each) => each.source.index !== after.index) ?? []
  const statements = compiled === undefined ? others : [...others, compiled]
  const all = [...(source?.policy.document.statements ?? [])]
  all[after.index] = after
  return {
    document: { ...document, statements: all },
    statements,
    candidates: (action) => candidatesOf(statements, action),
  }
}

function withSource(layers: PolicyLayers, layer: Layer, old: PolicySource | null, changed: PolicySource): PolicyLayers {
  const put = (sources: readonly PolicySource[]) =>
    old === null ? [...sources, changed] : sources.map((each) => (each === old ? changed : each))
  if (layer === 'scp' || layer === 'rcp') return { ...layers, [layer]: layers[layer]?.map((level) => put(level)) }
  if (layer === 'identity' || layer === 'session') return { ...layers, [layer]: put(layers[layer] ?? []) }
  return { ...layers, [layer]: changed }
}
