/** How many decisions of policies a second of one core makes. */
import { best, decideInEngine, decideInServer } from '../decisions.ts'
import { table, whole, type Section } from './section.ts'

const COUNT = 200_000

export async function decisionsSection(): Promise<Section> {
  const figures = [
    { what: 'decisions a second of the engine', figure: await best(COUNT, decideInEngine), aim: 1_500_000 },
    { what: 'the same, framed from key and call', figure: await best(COUNT, decideInServer([])), aim: 800_000 },
  ]
  return {
    title: 'Decisions',
    text: `A key policy of five statements, three policies of the caller, two levels of organization policies, and 13 condition
keys; the best of a few rounds, for a second of processor time.

${table(
  ['what', 'a second'],
  figures.map(({ what, figure }) => [what, whole(figure)]),
)}`,
    charts: new Map(),
    reach: figures.map(({ what, figure, aim }) => ({ what, figure: whole(figure), aim: `at least ${whole(aim)}` })),
  }
}
