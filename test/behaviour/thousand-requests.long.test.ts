import { attachSession } from 'sluice';
import { from, type Observable } from 'rxjs';
import { expect, it } from 'vitest';
import { adapters, appOn, instanceOn } from '../http/fixture.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { expectOrderlyRefreshes, herd, kindsOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer({ waitMs: 25_000 });

const ways = adapters.flatMap((adapter) =>
  (['a client', 'an attached instance'] as const).map((way) => [way, adapter] as const),
);

it.each(ways)(
  'a thousand requests by %s with a dead token cause one refresh and all succeed (%s)',
  async (way, adapter) => {
    const { server } = auth;
    const { api, session } = appOn(server, { adapter });
    const instance = instanceOn(server, adapter);
    attachSession(instance, session);
    const get = (path: string): Observable<unknown> => (way === 'a client' ? api.get(path) : from(instance.get(path)));
    server.expireAccess();
    const hold = server.hold('/api/echo*');
    const recordings = herd(1000, get);
    await hold.waiting(1000);
    hold.release();
    expect(await kindsOf(recordings)).toEqual(['complete']);
    expect(server.refreshes).toHaveLength(1);
    expectOrderlyRefreshes(server);
    const sent = server.sent('/api/echo*');
    expect(sent).toHaveLength(2000);
    expect(sent.filter(({ status }) => status === 200)).toHaveLength(1000);
    expect(new Set(sent.filter(({ status }) => status === 200).map(({ url }) => url)).size).toBe(1000);
    expect(server.staleSends()).toEqual([]);
  },
  30_000,
);
