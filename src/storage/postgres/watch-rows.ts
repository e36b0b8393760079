import { CompiledQuery, sql, type Kysely } from 'kysely'
import { RowError } from '../row-seal.ts'
import type { RowExpression, RowListener } from '../house/store-database.ts'

/** The notice by which a trigger tells its session of a row, before the statement ends. */
export const ROW_CHANGED = 'keyspan_row_changed'

const PREFIX = 'keyspan_watch_'
const NOTHING = '-'

/** Tells a listener of a row, out of the detail of a notice. */
export function hearRow(detail: string, listener: RowListener): void {
  const [table = '', before = NOTHING, after = NOTHING] = detail.split(' ')
  listener(table, bytesOf(before), bytesOf(after))
}

function bytesOf(text: string): Buffer | null {
  return text === NOTHING ? null : Buffer.from(text, 'hex')
}

/**
 * Has each of these tables tell of every row that changes.
 *
 * @throws RowError where something else is told of them: it could change what is written
 */
export async function watchTables<Schema>(
  writer: Kysely<Schema>,
  tables: ReadonlyMap<string, RowExpression>,
): Promise<void> {
  const wanted = new Map([...tables].map(([table, of]) => [table, bodyOf(table, of)]))
  const { rows } = await sql<{ table: string; trigger: string; body: string; tells: boolean }>`
    select c.relname as "table", t.tgname as "trigger", p.prosrc as body, t.tgenabled = 'O' and pg_get_triggerdef(t.oid) = format(
      'CREATE TRIGGER %1$I AFTER INSERT OR DELETE OR UPDATE ON %2$I.%3$I FOR EACH ROW EXECUTE FUNCTION %1$I()',
      t.tgname, current_schema(), c.relname) as tells
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid
    where c.relnamespace = current_schema()::regnamespace and not t.tgisinternal`.execute(writer)
  const stranger = rows.find(
    ({ table, trigger, body, tells }) => trigger !== `${PREFIX}${table}` || body !== wanted.get(table) || !tells,
  )
  if (stranger !== undefined) {
    throw new RowError(
      `The table ${stranger.table} has a trigger "${stranger.trigger}" that this server has not made, or not as it is: ` +
        'it could change what is written, or hide it. Take it away (DROP TRIGGER), or restore a backup.',
    )
  }
  const missing = [...wanted].filter(([table]) => !rows.some((row) => row.table === table))
  if (missing.length === 0) return
  await writer.transaction().execute(async (transaction) => {
    for (const [table, body] of missing) {
      for (const statement of statementsOf(table, body)) await transaction.executeQuery(CompiledQuery.raw(statement))
    }
  })
}

function statementsOf(table: string, body: string): readonly string[] {
  const name = `"${PREFIX}${table}"`
  return [
    `create or replace function ${name}() returns trigger language plpgsql as $watch$${body}$watch$`,
    `create trigger ${name} after insert or update or delete on "${table}" for each row execute function ${name}()`,
  ]
}

function bodyOf(table: string, of: RowExpression): string {
  return `
declare
  was bytea := ${of('old', 'postgresql')};
  becomes bytea := ${of('new', 'postgresql')};
begin
  if was is distinct from becomes then
    raise notice using message = '${ROW_CHANGED}', detail = '${table} ' || ${shown('was')} || ' ' || ${shown('becomes')};
  end if;
  return null;
end `
}

function shown(bytes: string): string {
  return `coalesce(encode(${bytes}, 'hex'), '${NOTHING}')`
}
