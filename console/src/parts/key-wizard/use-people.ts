import { useQuery } from '@tanstack/react-query'
import { listPeople } from '../../api/iam.ts'
import { useAsking } from '../../shell/place.ts'

/** The users and roles of the account. */
export function usePeople() {
  const asking = useAsking()
  return useQuery({
    queryKey: ['people', asking.credentials.accessKeyId],
    queryFn: async () => (await Promise.all([listPeople(asking, 'user'), listPeople(asking, 'role')])).flat(),
  })
}
