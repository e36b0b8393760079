import type { Degrees } from './land.ts'

const at = (east: number, north: number): Degrees => ({ east, north })

/** About where Regions are, as their names say. */
const PLACES: Readonly<Record<string, Degrees>> = {
  'us-east-1': at(-77.5, 39),
  'us-east-2': at(-83, 40),
  'us-west-1': at(-121, 37.5),
  'us-west-2': at(-119.5, 45.8),
  'af-south-1': at(19, -33.5),
  'ap-east-1': at(114, 22.5),
  'ap-east-2': at(121.3, 24.5),
  'ap-south-1': at(73, 19),
  'ap-south-2': at(78.5, 17.4),
  'ap-southeast-1': at(103.8, 1.4),
  'ap-southeast-2': at(151, -33.8),
  'ap-southeast-3': at(106.8, -6.4),
  'ap-southeast-4': at(145, -37.6),
  'ap-southeast-5': at(101.7, 3.5),
  'ap-southeast-6': at(175, -37.5),
  'ap-southeast-7': at(100.5, 14),
  'ap-northeast-1': at(139.7, 35.8),
  'ap-northeast-2': at(127, 37.3),
  'ap-northeast-3': at(135.5, 34.6),
  'ca-central-1': at(-73.6, 45.5),
  'ca-west-1': at(-114, 51),
  'eu-central-1': at(8.7, 50.1),
  'eu-central-2': at(8.5, 47.3),
  'eu-west-1': at(-7, 53.2),
  'eu-west-2': at(-0.5, 51.6),
  'eu-west-3': at(2.4, 48.8),
  'eu-south-1': at(9.2, 45.2),
  'eu-south-2': at(-1, 41.6),
  'eu-north-1': at(17.5, 59.5),
  'il-central-1': at(34.9, 32),
  'me-central-1': at(54, 24),
  'me-south-1': at(50.5, 26),
  'mx-central-1': at(-100.4, 20.8),
  'sa-east-1': at(-46.6, -23.4),
}

/** Where a Region is; null of one that is not known here. */
export function placeOf(region: string): Degrees | null {
  return PLACES[region] ?? null
}
