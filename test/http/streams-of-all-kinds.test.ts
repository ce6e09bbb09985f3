import { Readable } from 'node:stream';
import axios from 'axios';
import { createClient } from 'sluice';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { internalsOf } from '../../src/session/internal.ts';
import { collectingErrors } from '../support/streamed.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, type AppOptions, appOn, errorOf } from './fixture.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const auth = useAuthServer();
const path = '/api/feed';
type Body = AsyncIterable<Uint8Array>;

/** A client for streams, and the number of its requests in its session. */
const streaming = (options: AppOptions) => {
  const app = appOn(auth.server, { responseType: 'stream', ...options });
  const internals = internalsOf(app.session);
  const settled = () =>
    waitFor(() => {
      expect(internals.inProgress).toBe(0);
    });
  return { ...app, internals, settled };
};
async function* silent(closing: AbortSignal): AsyncGenerator<string> {
  yield 'first\n';
  await new Promise<void>((resolve) => {
    closing.addEventListener('abort', () => {
      resolve();
    });
  });
}
const feed = (status = 200): void => {
  auth.server.route(path, (_request, closing) => ({ status, body: silent(closing) }));
};
const empty = Buffer.alloc(0);

describe.each(adapters)('with the %s adapter, a streamed body', (adapter) => {
  it('of an error response ends with the owner of its request, and does not keep a SessionPool from disposing of its session', async () => {
    feed(503);
    const { api, session, internals } = streaming({ adapter });
    const reading = collectingErrors((await errorOf(api.get(path))).response?.data as Body);
    await reading.chunk;
    expect(internals.inProgress).toBe(0);
    void session.signOut();
    await auth.server.closed(path, 1);
    expect(await reading.error).toMatchObject({ name: 'SessionChangedError' });
  });

  it('of an error response that an interceptor returns as a value ends when the subscriber unsubscribes', async () => {
    feed(503);
    const { session } = streaming({});
    const instance = axios.create({ baseURL: auth.server.url, adapter, responseType: 'stream' });
    instance.interceptors.response.use(null, ({ response }: { response: object }) => response);
    const reading = collectingErrors();
    const subscription = createClient({ axios: instance, session })
      .get<Body>(path)
      .subscribe((body) => {
        reading.start(body);
      });
    await reading.chunk;
    subscription.unsubscribe();
    await auth.server.closed(path, 1);
  });

  it('that is over `maxContentLength` shows no token in its error, and ends', async () => {
    feed();
    const { api, session, settled } = streaming({ adapter, maxContentLength: 3 });
    const reading = collectingErrors(await firstValueFrom(api.get<Body>(path)));
    const error = await reading.error;
    expect(error).toMatchObject({ message: expect.stringContaining('maxContentLength') as string });
    const { config } = error as { config: { headers: object } };
    expect(JSON.stringify(config.headers)).not.toContain(session.state.tokens?.accessToken);
    expect(Object.keys(error as object)).not.toContain('request');
    await settled();
  });

  it('that is aborted shows no token in its error', async () => {
    feed();
    const { api, session } = streaming({ adapter });
    const controller = new AbortController();
    const reading = collectingErrors(await firstValueFrom(api.get<Body>(path, { signal: controller.signal })));
    await reading.chunk;
    controller.abort();
    const { config } = (await reading.error) as { config: { headers: object } };
    expect(JSON.stringify(config.headers)).not.toContain(session.state.tokens?.accessToken);
  });

  it('that a transform has piped into another stream ends when the subscriber unsubscribes', async () => {
    feed();
    const transformResponse = (data: ReadableStream | Readable): unknown =>
      data instanceof Readable
        ? Readable.from(data.map((chunk: Buffer) => chunk.toString().toUpperCase()))
        : data.pipeThrough(new TransformStream());
    const { api } = streaming({ adapter, transformResponse });
    const reading = collectingErrors();
    const subscription = api.get<Body>(path).subscribe((body) => {
      reading.start(body);
    });
    await reading.chunk;
    expect(subscription.closed).toBe(false);
    subscription.unsubscribe();
    await auth.server.closed(path, 1);
  });

  it('that a transform has piped into another stream ends with the caller’s signal', async () => {
    feed();
    const transformResponse = (data: Body): Body =>
      (async function* () {
        yield* data;
      })();
    const { api } = streaming({ adapter, transformResponse });
    const controller = new AbortController();
    const reading = collectingErrors(await firstValueFrom(api.get<Body>(path, { signal: controller.signal })));
    await reading.chunk;
    controller.abort();
    await auth.server.closed(path, 1);
    expect(await reading.error).toMatchObject({ name: 'CanceledError' });
  });

  it.each([204, 200])(
    'that is empty (%s) does not keep a SessionPool from disposing of its session, although nobody reads it',
    async (status) => {
      auth.server.route(path, () => ({ status, ...(status === 200 && { body: empty }) }));
      const { api, settled } = streaming({ adapter });
      await firstValueFrom(api.get(path));
      await settled();
    },
  );

  it('that answers HEAD does not keep a SessionPool from disposing of its session', async () => {
    auth.server.route(path, () => ({ status: 200, body: 'text' }));
    const { api, settled } = streaming({ adapter });
    await firstValueFrom(api.head(path));
    await settled();
  });

  it('that breaks off does not keep a SessionPool from disposing of its session, although nobody reads it', async () => {
    auth.server.route(path, () => ({ status: 200, body: 'x'.repeat(1000), fault: 'half-body' }));
    const { api, settled } = streaming({ adapter });
    const body = await firstValueFrom(api.get<Body>(path));
    await settled();
    expect(await collectingErrors(body).error).toBeInstanceOf(Error);
  });
});

describe('the body from an adapter of the app', () => {
  const given = (data: unknown) =>
    streaming({
      adapter: async (config) => Promise.resolve({ data, status: 200, statusText: '', headers: {}, config }),
    });
  const endless = (cancel: (reason: unknown) => void): ReadableStream =>
    new ReadableStream({
      start(sink) {
        sink.enqueue('first');
      },
      cancel,
    });

  it.each([['text'], [Buffer.from('text')], [null], [{ a: 1 }]])(
    'is given unchanged when it is no stream: %j',
    async (data) => {
      const { api, settled } = given(data);
      expect(await lastValueFrom(api.get('/'))).toEqual(data);
      await settled();
    },
  );

  it('is given unchanged when it is a web stream with another reader', async () => {
    const data = new ReadableStream();
    data.getReader();
    const { api, settled } = given(data);
    expect(await firstValueFrom(api.get('/'))).toBe(data);
    await settled();
  });

  it('that has been read to its end before does not keep the Observable from completing', async () => {
    const data = Readable.from(['text']);
    expect(await data.toArray()).toEqual(['text']);
    const { api, settled } = given(data);
    expect(await lastValueFrom(api.get('/'))).toBe(data);
    await settled();
  });

  it('counts as ended when it fails and never closes', async () => {
    const data = new Readable({ read: () => undefined, autoDestroy: false, emitClose: false });
    const { api, internals, settled } = given(data);
    await firstValueFrom(api.get('/'));
    expect(internals.inProgress).toBe(1);
    data.emit('error', new Error('broken'));
    await settled();
  });

  it('counts as ended when it is broken already', async () => {
    const data = new ReadableStream({
      start(sink) {
        sink.error(new Error('broken'));
      },
    });
    const { api, settled } = given(data);
    await firstValueFrom(api.get('/'));
    await settled();
  });

  it('is cancelled at its source when its reader cancels', async () => {
    const cancel = vi.fn();
    const { api, settled } = given(endless(cancel));
    await (await firstValueFrom(api.get<ReadableStream>('/'))).cancel('enough');
    expect(cancel).toHaveBeenCalledExactlyOnceWith('enough');
    await settled();
  });

  it('is cancelled at its source when it ends with its owner', async () => {
    const cancel = vi.fn();
    const { api, session, settled } = given(endless(cancel));
    await firstValueFrom(api.get<ReadableStream>('/'));
    void session.signOut();
    expect(cancel).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ name: 'SessionChangedError' }));
    await settled();
  });
});
