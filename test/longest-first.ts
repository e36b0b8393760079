import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const ROOT = new URL('..', import.meta.url).pathname

/** The files that take longest, the longest first: begun last, one of them would go on alone at the end. */
const LONGEST: readonly string[] = [
  'test/guide/guide.test.ts',
  'test/console/console.test.ts',
  'test/console/access.test.ts',
  'test/clients/examples.test.ts',
  'test/package.test.ts',
  'test/clients/terraform.test.ts',
  'test/clients/cdk.test.ts',
  'test/drive/drive.test.ts',
  'test/postgres/together-failures.test.ts',
  'test/console/create-key.test.ts',
  'test/clients/imported-material.test.ts',
  'test/console/drills.test.ts',
  'test/console/key-list.test.ts',
  'test/console/key-material.test.ts',
  'test/clients/key-states.test.ts',
  'test/console/regionality.test.ts',
  'test/alarms.test.ts',
  'test/root-of-trust.test.ts',
  'test/crash/crash.test.ts',
  'test/clients/trail-validation.test.ts',
  'test/model/model.test.ts',
]

/** The order in which Vitest runs files: on a machine that has not run them before, it knows their lengths only. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line no-array-sort -- Vitest's, of a sequencer
    const sorted = await super.sort(files)
    const isOfSrc = ({ project }: TestSpecification) => project.name === 'src'
    const placeOf = ({ moduleId }: TestSpecification) => LONGEST.indexOf(relative(ROOT, moduleId))
    const others = sorted.filter((file) => !isOfSrc(file) && placeOf(file) < 0)
    const longest = sorted.filter((file) => placeOf(file) >= 0).toSorted((a, b) => placeOf(a) - placeOf(b))
    return [...longest, ...others, ...sorted.filter(isOfSrc)]
  }
}
