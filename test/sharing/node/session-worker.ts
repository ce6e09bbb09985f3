// A process of its own with a session on a shared store. Is told what to do, and answers. See `session-processes.ts`.
import { createSession, type RefreshContext, type TokenSet } from 'sluice/session';
import { sessionFetch } from 'sluice/fetch';
import { type Answer, type Order, REFRESH, type WorkerSetup } from './session-processes.ts';
import { increment } from '../../../src/testing/coherence-laws.ts';
import { pause } from '../../support/real-time.ts';
import { openCell, openStore } from './engines.ts';
import { httpFailure } from './http-failure.ts';

const { id, engine, site, api, leaseMs, storeTimeoutMs, sendAfterMs } = JSON.parse(
  process.argv[2] ?? '',
) as WorkerSetup;

const says = (answer: Answer): unknown => process.send?.(answer);

async function refresh(current: TokenSet | null, { signal }: RefreshContext): Promise<TokenSet> {
  says({ n: REFRESH, result: null });
  await pause(sendAfterMs);
  const answer = await fetch(`${api}/api/refresh-token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-worker': id },
    body: JSON.stringify({ refreshToken: current?.refreshToken }),
    signal,
  });
  if (!answer.ok) throw await httpFailure(answer);
  const { jwtToken, refreshToken } = (await answer.json()) as { jwtToken: string; refreshToken: string };
  return { accessToken: jwtToken, refreshToken };
}

const session = createSession({
  refresh,
  store: await openStore(engine, site, leaseMs),
  storeTimeoutMs,
  // The rounds of the tests follow each other as quickly as they can.
  minRefreshIntervalMs: 0,
});
const apiFetch = sessionFetch(session, { trustedOrigins: [api] });

async function obey(order: Order): Promise<unknown> {
  switch (order.kind) {
    case 'sign-in':
      return session.signIn(order.tokens);
    case 'request':
      return (await apiFetch(`${api}/api/items`)).status;
    case 'status':
      return session.state.status;
    case 'owner':
      return session.state.owner;
    case 'increment': {
      const { cell } = await openCell(engine, site);
      for (let n = 0; n < order.times; n += 1) await increment(cell);
      return null;
    }
  }
}

process.on('message', ({ n, order }: { readonly n: number; readonly order: Order }) => {
  obey(order).then(
    (result) => says({ n, result }),
    (error: unknown) => says({ n, result: error instanceof Error ? error.name : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
says({ n: 0, result: 'ready' });
