import { z } from 'zod'
import { common } from '../../../kernel/errors.ts'
import { readOperation } from '../../../kernel/operation.ts'
import { keyStoreId, keyStoreName, needForKeyStores, noSuchKeyStore } from '../custom-key-store.ts'
import { errors } from '../errors.ts'
import { paged } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Lists the custom key stores: there are none. */
export const DescribeCustomKeyStores = readOperation({
  name: 'DescribeCustomKeyStores',
  errors: [errors.CustomKeyStoreNotFoundException, errors.InvalidMarkerException],
  input: z.object({
    CustomKeyStoreId: keyStoreId.optional(),
    CustomKeyStoreName: keyStoreName.optional(),
    Limit: shape.limit(1000).optional(),
    Marker: shape.marker.optional(),
  }),
  load: () => null,
  requires: (_input, _found, { region }) => needForKeyStores('DescribeCustomKeyStores', region),
  run({ CustomKeyStoreId, CustomKeyStoreName, Marker }, _found, call, powers) {
    if (CustomKeyStoreId !== undefined && CustomKeyStoreName !== undefined) {
      throw common.ValidationException('Give either CustomKeyStoreId or CustomKeyStoreName, or neither.')
    }
    const asked = CustomKeyStoreId ?? CustomKeyStoreName
    if (asked !== undefined) throw noSuchKeyStore(asked)
    // None fit every page, so no marker was ever given out.
    paged('DescribeCustomKeyStores', call, powers).after(Marker)
    return { CustomKeyStores: [], Truncated: false }
  },
  record: (input) => recordOf(input, []),
})
