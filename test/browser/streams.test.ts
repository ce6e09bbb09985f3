import { eventStream, lines, text } from 'sluice/streams';
import { firstValueFrom, lastValueFrom, map, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { appOn, adapters } from './app.ts';
import { useServer } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';

failOnUnhandled();
const use = useServer();
const path = '/api/events';

describe.each(adapters)('a stream of a client with the %s adapter', (adapter) => {
  const app = () => appOn(use.server, adapter);

  it('gives server-sent events while they arrive, and closes the connection when it is unsubscribed', async () => {
    const { api } = await app();
    const events = await lastValueFrom(eventStream(api, path).pipe(take(3), toArray()));
    expect(events.map(({ data }) => data)).toEqual(['1', '2', '3']);
    await use.server.closed(path, 1);
  });

  it('refreshes a dead token once for three streams', async () => {
    const { api } = await app();
    await use.server.expireAccess();
    await Promise.all(Array.from({ length: 3 }, () => firstValueFrom(eventStream(api, path))));
    expect(await use.server.refreshes()).toHaveLength(1);
  });

  it('connects again after its end with the last id, which needs a preflight', async () => {
    const { api } = await app();
    const events$ = eventStream(api, `${path}?count=2&ends=1`, { parse: Number });
    const numbers = await lastValueFrom(
      events$.pipe(
        take(5),
        map(({ data }) => data),
        toArray(),
      ),
    );
    expect(numbers).toEqual([1, 2, 3, 4, 5]);
  });

  it('ends with its connection when somebody else signs in', async () => {
    const { api, session } = await app();
    const events$ = eventStream(api, path);
    const ended = new Promise<unknown>((resolve) => {
      events$.subscribe({
        next: ({ data }) => {
          if (data === '3') use.server.login('bob').then((tokens) => session.signIn(tokens), resolve);
        },
        error: resolve,
      });
    });
    expect(await ended).toMatchObject({ name: 'SessionChangedError' });
    await use.server.closed(path, 1);
  });

  it('of a POST is read, and completes with its response', async () => {
    const { api } = await app();
    const events$ = eventStream(api, `${path}?count=2&ends=1`, { method: 'post', data: { question: 'why?' } });
    expect((await lastValueFrom(events$.pipe(toArray()))).map(({ data }) => data)).toEqual(['1', '2']);
  });

  it('gives lines and text while they arrive', async () => {
    const { api } = await app();
    expect(await firstValueFrom(text(api, '/api/stream?chunks=endless'))).toContain('chunk 1');
    await use.server.closed('/api/stream*', 1);
    const error = await lastValueFrom(lines(api, '/api/stream?chunks=2')).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'stream-failed', reason: 'invalid-line', line: 1 });
  });
});
