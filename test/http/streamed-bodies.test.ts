import axios from 'axios';
import { attachSession, createClient, memoryStore } from 'sluice';
import { createSessionPool } from 'sluice/session';
import { concatMap, firstValueFrom, from, lastValueFrom, map, take, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { collectingErrors } from '../support/streamed.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, sessionOn } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
type Body = AsyncIterable<Uint8Array>;

/** Answers with one chunk, and then sends nothing more and does not end. */
async function* silent(closing: AbortSignal): AsyncGenerator<string> {
  yield 'first\n';
  await new Promise<void>((resolve) => {
    closing.addEventListener('abort', () => {
      resolve();
    });
  });
}

describe.each(adapters)('with the %s adapter, the body of a streamed response', (adapter) => {
  const path = '/api/feed';
  const feed = (): void => {
    auth.server.route(path, (_request, closing) => ({ status: 200, body: silent(closing) }));
  };
  const stream = () => {
    feed();
    const app = appOn(auth.server, { adapter, responseType: 'stream' });
    return { ...app, body$: app.api.get<Body>(path) };
  };

  it('ends when the subscriber unsubscribes while it is read', async () => {
    const { body$ } = stream();
    const reading = collectingErrors();
    const subscription = body$.subscribe((body) => {
      reading.start(body);
    });
    await reading.chunk;
    expect(subscription.closed).toBe(false);
    subscription.unsubscribe();
    await auth.server.closed(path, 1);
    expect(await reading.error).toMatchObject({ name: 'CanceledError', code: 'ERR_CANCELED' });
  });

  it('ends when an Observable made from it is unsubscribed', async () => {
    const { body$ } = stream();
    const chunks$ = body$.pipe(concatMap((body) => from(body)));
    await firstValueFrom(chunks$);
    await auth.server.closed(path, 1);
  });

  it('ends with the caller’s signal, after firstValueFrom as well', async () => {
    feed();
    const { api } = appOn(auth.server, { adapter, responseType: 'stream' });
    const controller = new AbortController();
    const body = await firstValueFrom(api.get<Body>(path, { signal: controller.signal }));
    const reading = collectingErrors(body);
    await reading.chunk;
    const reason = new Error('not wanted any more');
    controller.abort(reason);
    await auth.server.closed(path, 1);
    expect(await reading.error).toMatchObject({ name: 'CanceledError', cause: reason });
  });

  it('ends with a timeout error when the signal times out', async () => {
    feed();
    const { api } = appOn(auth.server, { adapter, responseType: 'stream' });
    const body = await firstValueFrom(api.get<Body>(path, { signal: AbortSignal.timeout(100) }));
    const reading = collectingErrors(body);
    await auth.server.closed(path, 1);
    expect(await reading.error).toMatchObject({ code: 'ETIMEDOUT' });
  });

  it.each(['signs out', 'signs in as somebody else', 'is disposed of'])('ends when the session %s', async (what) => {
    const { body$, session } = stream();
    const reading = collectingErrors(await firstValueFrom(body$));
    await reading.chunk;
    if (what === 'is disposed of') session.dispose();
    else if (what === 'signs out') void session.signOut();
    else void session.signIn(auth.server.login('bob'));
    await auth.server.closed(path, 1);
    expect(await reading.error).toMatchObject({ name: 'SessionChangedError' });
  });

  it('continues through a refresh, which keeps its owner', async () => {
    const more = new AbortController();
    auth.server.route(path, () => ({
      status: 200,
      body: (async function* (): AsyncGenerator<string> {
        yield* silent(more.signal);
        yield 'last\n';
      })(),
    }));
    const { api, session } = appOn(auth.server, { adapter, responseType: 'stream' });
    const reading = collectingErrors(await firstValueFrom(api.get<Body>(path)));
    await reading.chunk;
    await firstValueFrom(session.refresh$);
    more.abort();
    expect(await reading.text).toBe('first\nlast\n');
  });

  it('continues when somebody signs in if its request carried no token', async () => {
    feed();
    const { api, session } = appOn(auth.server, {
      adapter,
      responseType: 'stream',
      sessionOptions: { initial: null },
    });
    const controller = new AbortController();
    auth.server.route('/public/feed', (_request, closing) => ({ status: 200, body: silent(closing) }));
    const body = await firstValueFrom(api.get<Body>('/public/feed', { signal: controller.signal }));
    const reading = collectingErrors(body);
    await reading.chunk;
    void session.signIn(auth.server.login('bob'));
    expect(auth.server.sent('/public/feed')).toMatchObject([{ closedEarly: false }]);
    controller.abort();
    expect(await reading.error).toMatchObject({ name: 'CanceledError' });
  });

  it('completes the Observable when it has been read to its end', async () => {
    auth.server.route(path, () => ({
      status: 200,
      body: (async function* (): AsyncGenerator<string> {
        yield* ['one\n', 'two\n'];
        await Promise.resolve();
      })(),
    }));
    const { api } = appOn(auth.server, { adapter, responseType: 'stream' });
    const text = await lastValueFrom(
      api.get<Body>(path).pipe(
        concatMap((body) => from(body)),
        map((chunk) => Buffer.from(chunk).toString()),
      ),
    );
    expect(text).toContain('two');
  });

  it('does not keep lastValueFrom waiting when nobody reads it', async () => {
    const { body$ } = stream();
    for await (const chunk of await lastValueFrom(body$)) {
      expect(Buffer.from(chunk).toString()).toBe('first\n');
      break;
    }
    await auth.server.closed(path, 1);
  });

  it('is closed when its reader stops reading while the server is silent', async () => {
    const { body$ } = stream();
    for await (const chunk of await firstValueFrom(body$.pipe(take(1)))) {
      expect(Buffer.from(chunk).toString()).toBe('first\n');
      break;
    }
    await auth.server.closed(path, 1);
  });

  it('ends with the caller’s signal when the response is a 503', async () => {
    auth.server.route(path, (_request, closing) => ({ status: 503, body: silent(closing) }));
    const { api } = appOn(auth.server, { adapter, responseType: 'stream' });
    const controller = new AbortController();
    const error = await firstValueFrom(api.get<Body>(path, { signal: controller.signal })).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({
      name: 'AxiosError',
      code: 'ERR_BAD_RESPONSE',
      message: 'Request failed with status code 503',
      response: { status: 503 },
    });
    const reading = collectingErrors((error as { response: { data: Body } }).response.data);
    await reading.chunk;
    controller.abort();
    await auth.server.closed(path, 1);
    expect(await reading.error).toMatchObject({ name: 'CanceledError' });
  });

  it('keeps a SessionPool from disposing of its session until the body has ended', async () => {
    feed();
    const pool = createSessionPool({
      create: () => ({ refresh: () => [], store: memoryStore(auth.server.login()) }),
      max: 1,
    });
    const session = pool.of('ada');
    const api = createClient({ baseURL: auth.server.url, adapter, responseType: 'stream', session });
    const body = await firstValueFrom(api.get<Body>(path));
    pool.of('bob');
    expect(session.state.status).toBe('signed-in');
    for await (const chunk of body) {
      expect(Buffer.from(chunk).toString()).toBe('first\n');
      break;
    }
    await auth.server.closed(path, 1);
    pool.of('carl');
    expect(session.state.status).toBe('disposed');
    pool.dispose();
  });

  describe('of an attached instance', () => {
    const attached = () => {
      feed();
      const setup = sessionOn(auth.server);
      const instance = axios.create({ baseURL: auth.server.url, adapter, responseType: 'stream' });
      attachSession(instance, setup.session);
      return { ...setup, instance };
    };

    it('ends with the caller’s signal', async () => {
      const { instance } = attached();
      const controller = new AbortController();
      const { data } = await instance.get<Body>(path, { signal: controller.signal });
      const reading = collectingErrors(data);
      await reading.chunk;
      controller.abort();
      await auth.server.closed(path, 1);
      expect(await reading.error).toMatchObject({ name: 'CanceledError' });
    });

    it('ends when somebody else signs in', async () => {
      const { instance, session } = attached();
      const reading = collectingErrors((await instance.get<Body>(path)).data);
      await reading.chunk;
      void session.signIn(auth.server.login('bob'));
      await auth.server.closed(path, 1);
      expect(await reading.error).toMatchObject({ name: 'SessionChangedError' });
    });

    it('is not delivered when the owner has changed before the head arrives', async () => {
      const { instance, session } = attached();
      const gate = auth.server.hold(path);
      const answer = instance.get<Body>(path).catch((error: unknown) => error);
      await gate.waiting(1);
      void session.signIn(auth.server.login('bob'));
      gate.release();
      expect(await answer).toMatchObject({ name: 'SessionChangedError' });
      await auth.server.closed(path, 1);
    });
  });
});

describe.each(adapters)('with the %s adapter, the download progress of a streamed body', (adapter) => {
  it('is emitted, as well as the response', async () => {
    auth.server.route('/api/feed', () => ({
      status: 200,
      body: (async function* (): AsyncGenerator<string> {
        yield 'one\n';
        await Promise.resolve();
        yield 'two\n';
      })(),
    }));
    const { api } = appOn(auth.server, { adapter, responseType: 'stream' });
    const types: string[] = [];
    let reading: ReturnType<typeof collectingErrors> | undefined;
    await lastValueFrom(
      api.get<Body>('/api/feed', { observe: 'events' }).pipe(
        tap((event) => {
          types.push(event.type);
          if (event.type === 'response') reading = collectingErrors(event.response.data);
        }),
      ),
    );
    expect(types).toEqual(expect.arrayContaining(['sent', 'response', 'downloadProgress']));
    expect(await reading?.text).toBe('one\ntwo\n');
  });
});
