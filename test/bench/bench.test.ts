import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** What of the benchmark's results does not depend on the machine: its counters. */
interface Row {
  readonly name: string;
  readonly refreshesPerRound?: number;
  readonly faults: Record<string, string[]>;
  readonly heap?: { readonly bytesPerWaiter: number };
}

describe('a small benchmark', () => {
  const out = mkdtempSync(path.join(tmpdir(), 'sluice-bench-'));
  let rows: Row[] = [];
  const row = (name: string): Row => rows.find((candidate) => candidate.name === name) as Row;

  beforeAll(() => {
    execFileSync('npm', ['run', '-s', 'bench', '--', '--small', '--out', out], { stdio: 'ignore' });
    ({ rows } = JSON.parse(readFileSync(path.join(out, 'results.json'), 'utf8')) as { rows: Row[] });
  }, 180_000);
  afterAll(() => {
    rmSync(out, { recursive: true });
  });

  it('measures eleven contenders, the floor first', () => {
    expect(rows.map(({ name }) => name)).toEqual([
      'raw axios',
      'Sluice: client',
      'Sluice: attachSession',
      'Angular with Sluice',
      'hand-written recipe',
      'axios-auth-refresh',
      'axios-observable with the BehaviorSubject recipe',
      'Angular with the BehaviorSubject interceptor',
      'alova',
      '@badgateway/oauth2-client',
      'ky with its hook recipe',
    ]);
  });

  it.each(['Sluice: client', 'Sluice: attachSession', 'Angular with Sluice'])(
    'counts one refresh a round for %s, and nothing that went wrong',
    (name) => {
      expect(row(name).refreshesPerRound).toBe(1);
      expect(row(name).faults).toEqual({});
    },
  );

  // Known from reading them: a counter that cannot count these could not count ours either.
  it('counts the stale sends and the late 401 of the hand-written recipe', () => {
    expect(row('hand-written recipe').faults).toMatchObject({
      'during the refresh': [expect.stringContaining('stale sends')],
      'late 401': ['2 refreshes'],
    });
  });

  it('counts the refreshes of ky, which asks once a request', () => {
    expect(row('ky with its hook recipe').faults['herd of 50']).toEqual(
      expect.arrayContaining([expect.stringMatching(/^50 refreshes$/), expect.stringContaining('reused')]),
    );
  });

  it('counts what alova sends for those who have left', () => {
    expect(row('alova').faults['cancel 50 in order']).toEqual(
      expect.arrayContaining([expect.stringContaining('sent again for nobody')]),
    );
  });
});
