import { describe, expect, it } from 'vitest'
import type { OpenRegion } from './open-region.ts'
import { createRegions } from './regions.ts'

describe('The Regions of a process', () => {
  it('are opened where they are served, and never where another place has them', async () => {
    const begun: string[] = []
    const open = async (region: string) => {
      begun.push(region)
      return { region } as OpenRegion
    }
    const regions = createRegions(['us-east-1'], open, () => ['eu-west-1'])
    await regions.open('us-east-1')
    for (const region of ['eu-west-1', 'ap-southeast-2']) {
      await expect(regions.open(region)).rejects.toThrow(`what is opened is served here, and ${region} is not`)
    }
    expect(begun).toEqual(['us-east-1'])
  })
})
