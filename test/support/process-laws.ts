import { checkSame, recordOf } from '../../src/testing/site-law.ts';
import { type CellProcess, type CellSource, startCellProcess } from './cell-processes.ts';
import { listen } from './listener.ts';

/** A new, empty record in an engine that several processes can reach. */
export interface ProcessSite {
  readonly source: CellSource;
  close?(): unknown;
}

/** The laws of a cell between processes. Within one process, an engine with its own cache would pass. */
export interface ProcessLaw {
  readonly title: string;
  check(processes: readonly CellProcess[]): Promise<void>;
}

/** Accepts each refresh token once, as a rotating server does; the tokens are numbers. */
async function rotatingServer(): Promise<{ url: string; presented: string[]; close(): Promise<void> }> {
  const presented: string[] = [];
  let current = 1;
  const listener = await listen(
    (request, response) => {
      request.setEncoding('utf8').once('data', (token: string) => {
        presented.push(token);
        if (token !== String(current)) {
          response.writeHead(400).end();
          return;
        }
        current += 1;
        response.end(JSON.stringify({ accessToken: `access-${String(current)}`, refreshToken: String(current) }));
      });
    },
    { breakingAll: () => undefined },
  );
  return { url: listener.url, presented, close: () => listener.close() };
}

const signedIn = async ([first, ...others]: readonly CellProcess[]): Promise<void> => {
  await first?.tell({ kind: 'sign-in', owner: 'A', tokens: { accessToken: 'access-1', refreshToken: '1' } });
  await Promise.all(others.map((process) => process.tell({ kind: 'restore' })));
};

export const processLaws: readonly ProcessLaw[] = [
  {
    title: 'no increment of several processes is lost',
    async check(processes) {
      await Promise.all(processes.map((process) => process.tell({ kind: 'increment', times: 50 })));
      for (const process of processes) {
        const record = (await process.tell({ kind: 'read' })) as { readonly generation?: number } | null;
        checkSame(record?.generation, 50 * processes.length, 'the counter');
      }
    },
  },
  {
    title: 'after a swap, the next read of every process gives it',
    async check(processes) {
      for (let version = 0; version < 20; version += 1) {
        const next = recordOf(version + 1, `owner ${String(version)}`);
        const isDone = await processes[version % processes.length]!.tell({ kind: 'swap', expected: version, next });
        checkSame(isDone, true, `swap ${String(version)}`);
        const records = await Promise.all(processes.map((process) => process.tell({ kind: 'read' })));
        for (const record of records) checkSame(record, next, `the record after swap ${String(version)}`);
      }
    },
  },
  {
    title: 'processes whose tokens expire at the same time present each refresh token once',
    async check(processes) {
      const server = await rotatingServer();
      try {
        await signedIn(processes);
        const rounds = Array.from({ length: 10 }, (_, round) => String(round + 1));
        for (const round of rounds) {
          const order = { kind: 'refresh', url: server.url } as const;
          const outcomes = await Promise.all(processes.map((process) => process.tell(order)));
          const wanted = ['committed', ...processes.slice(1).map(() => 'adopted')];
          checkSame(outcomes.sort().reverse(), wanted.sort().reverse(), `what came of round ${round}`);
        }
        checkSame(server.presented, rounds, 'the tokens that were presented');
      } finally {
        await server.close();
      }
    },
  },
];

const PROCESSES = 4;

/** Checks a law with its own processes and its own record. */
export async function checkProcessLaw(
  law: ProcessLaw,
  open: () => Promise<ProcessSite>,
  leaseMs: number,
): Promise<void> {
  const site = await open();
  const processes: CellProcess[] = [];
  try {
    const starting = Array.from({ length: PROCESSES }, () => startCellProcess(site.source, leaseMs));
    processes.push(...(await Promise.all(starting)));
    await law.check(processes);
  } finally {
    await Promise.all(processes.map((process) => process.close()));
    await site.close?.();
  }
}
