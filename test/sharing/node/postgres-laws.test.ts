import pg from 'pg';
import type { Observable } from 'rxjs';
import { cellLaws } from 'sluice/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { postgresCell, postgresNews, schema } from '../../../examples/postgres-store/postgres-cell.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

let server: PostgresServer;
let pool: pg.Pool;
let news$: Observable<string | null>;
const query = (text: string): Promise<boolean> =>
  pool.query(text).then(
    () => true,
    () => false,
  );
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

beforeAll(async () => {
  server = await startPostgres();
  pool = new pg.Pool({ connectionString: server.url });
  pool.on('error', () => undefined);
  // It takes connections a little before it takes queries.
  while (!(await query(schema))) await pause();
  news$ = postgresNews(() => new pg.Client(server.url));
});
afterAll(async () => {
  await pool.end();
  await server.close();
});

describe('the example of a row of PostgreSQL as a cell', () => {
  const laws = cellLaws((key) => postgresCell(pool, news$, key), {
    leaseMs: 1_500,
    outage: {
      begin: () => server.stop(),
      end: async () => {
        await server.start();
        while (!(await query('select 1'))) await pause();
      },
    },
  });
  for (const { title, check } of laws) it(title, check);
});
