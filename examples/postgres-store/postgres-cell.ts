// A session in PostgreSQL, for all processes that share a database: a cell for `sharedStore`. Tested by the laws of `sluice/testing`.
import type { Client, Pool } from 'pg';
import { filter, Observable, retry, share, timer } from 'rxjs';
import type { Cell, StoredSession } from 'sluice/session';

export const schema = `
  create table if not exists sluice_session (
    key text primary key,
    version bigint not null,
    record text not null
  )`;

/** One row as a cell. `news$` is shared by all cells of a process. */
export function postgresCell(pool: Pool, news$: Observable<string | null>, key: string): Cell<StoredSession> {
  return {
    async read() {
      const { rows } = await pool.query<{ record: string }>('select record from sluice_session where key = $1', [key]);
      return rows[0] ? (JSON.parse(rows[0].record) as StoredSession) : null;
    },
    async swap(expected, next) {
      // Both statements compare and write in one step, and tell the news when they are committed.
      const write =
        expected === 0
          ? 'insert into sluice_session select $1, $3, $4 where $2 = 0 on conflict do nothing'
          : 'update sluice_session set version = $3, record = $4 where key = $1 and version = $2';
      const { rowCount } = await pool.query(
        `with written as (${write} returning key) select pg_notify('sluice_news', key) from written`,
        [key, expected, next.version, JSON.stringify(next)],
      );
      return rowCount === 1;
    },
    news$: news$.pipe(filter((changed) => changed === null || changed === key)),
  };
}

/** The keys of changed sessions, by one connection while anybody listens; `null` at each connection, before which news may be lost. */
export function postgresNews(connect: () => Client): Observable<string | null> {
  const keys$ = new Observable<string | null>((subscriber) => {
    const client = connect();
    client.on('notification', ({ payload = '' }) => subscriber.next(payload));
    client.on('error', (error) => subscriber.error(error));
    client.on('end', () => subscriber.error(new Error('The connection has ended.')));
    client
      .connect()
      .then(() => client.query('listen sluice_news'))
      .then(
        () => subscriber.next(null),
        (error: unknown) => subscriber.error(error),
      );
    return () => void client.end().catch(() => undefined);
  });
  return keys$.pipe(retry({ delay: () => timer(1_000) }), share());
}
