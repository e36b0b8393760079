import { sql, type Compilable, type CompiledQuery, type Kysely, type RawBuilder } from 'kysely'
import { dialectOf, type DialectName } from './dialect.ts'

/** Stands for a value that is given when the statement is executed. */
class Given {
  readonly name: PropertyKey

  constructor(name: PropertyKey) {
    this.name = name
  }
}

/** Names a value that is given later. */
type GivenAs<Values> = <Name extends keyof Values>(name: Name) => RawBuilder<Values[Name]>

function givenAs<Value>(name: PropertyKey): RawBuilder<Value> {
  return sql`${new Given(name)}`
}

/**
 * A statement that is put together once for each engine, and only filled in after that.
 *
 * To put one together takes longer than SQLite takes to find a row: what each request asks is prepared. A statement
 * must be the same whatever is given; what depends on it, such as a list, is not for this.
 */
export function prepared<Schema, Values extends object, Row>(
  build: (database: Kysely<Schema>, given: GivenAs<Values>) => Compilable<Row>,
): (database: Kysely<Schema>, values: Values) => Promise<readonly Row[]> {
  const known = new Map<DialectName, CompiledQuery<Row>>()

  return async (database, values) => {
    const { name } = dialectOf(database)
    const query = known.get(name) ?? build(database, givenAs).compile()
    known.set(name, query)
    const parameters = query.parameters.map((each) =>
      each instanceof Given ? values[each.name as keyof Values] : each,
    )
    return (await database.executeQuery<Row>({ ...query, parameters })).rows
  }
}
