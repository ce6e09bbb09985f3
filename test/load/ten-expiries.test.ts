import { createClient } from 'sluice';
import { range } from 'rxjs';
import { expect, it } from 'vitest';
import { Agent } from 'node:http';
import { sessionOn } from '../http/fixture.ts';
import { record, type Recording } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
const auth = useAuthServer({ waitMs: 25_000 });

/** Pseudo-random numbers, the same in each run. */
function dice(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

it('a client completes five thousand requests through ten expiries, some cancelled at random, with one refresh each', async () => {
  const { server } = auth;
  const { session } = sessionOn(server, { minRefreshIntervalMs: 0 });
  const httpAgent = new Agent({ keepAlive: true, maxSockets: 200 });
  const api = createClient({ baseURL: server.url, session, adapter: 'http', httpAgent });
  const random = dice(7);
  const all: Recording<unknown>[] = [];

  for (let expiry = 1; expiry <= 10; expiry += 1) {
    const burst: Recording<unknown>[] = [];
    range(0, 500).subscribe((n) =>
      burst.push(record(api.get(`/api/echo?expiry=${expiry.toString()}&n=${n.toString()}`))),
    );
    // By now some requests are in flight, and some wait for a socket.
    await server.arrived('/api/echo', (expiry - 1) * 100 + 50);
    server.expireAccess();
    for (const recording of burst) if (random() < 0.2) recording.unsubscribe();
    await Promise.all(burst.map(({ outcome }) => outcome));
    all.push(...burst);
  }

  const kinds = all.map((recording) => recording.expectOneOutcome().kind);
  expect(kinds).toHaveLength(5000);
  expect(kinds.filter((kind) => kind === 'error')).toEqual([]);
  expect(kinds.filter((kind) => kind === 'unsubscribed').length).toBeGreaterThan(700);
  expect(server.refreshes).toHaveLength(10);
  expect(server.reuse).toEqual([]);
  httpAgent.destroy();
}, 60_000);
