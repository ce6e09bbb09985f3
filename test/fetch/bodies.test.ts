import { Readable } from 'node:stream';
import type { TokenSet } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { type Echo, flush } from '../http/fixture.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { fetchOn, rejectionOf, streamOf } from './fixture.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const auth = useAuthServer();

type Init = RequestInit & { duplex?: 'half' };
const url = (): string => `${auth.server.url}/api/echo`;
const sentBodies = (): string[] => auth.server.sent('/api/echo').map(({ body }) => body.toString());

async function* chunks(): AsyncGenerator<string> {
  yield 'o';
  yield 'ne';
}

describe.each<[string, () => Init, RegExp]>([
  ['text', () => ({ body: 'one' }), /^one$/],
  ['nothing', () => ({}), /^$/],
  ['empty text', () => ({ body: '' }), /^$/],
  ['a query', () => ({ body: new URLSearchParams({ a: 'one' }) }), /^a=one$/],
  ['a form', () => ({ body: formOf('one') }), /name="a"\r\n\r\none/],
  ['a Blob', () => ({ body: new Blob(['one']) }), /^one$/],
  ['a buffer', () => ({ body: new TextEncoder().encode('one').buffer }), /^one$/],
  ['a view of a buffer', () => ({ body: new TextEncoder().encode('-one-').subarray(1, 4) }), /^one$/],
  ['a Buffer of Node', () => ({ body: Buffer.from('one') }), /^one$/],
])('A body of %s', (_, init, text) => {
  it('is sent whole, and again after a 401', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    const response = await api(url(), { method: 'POST', ...init() });
    expect(((await response.json()) as Echo).generation).toBe(2);
    expect(sentBodies()).toEqual([expect.stringMatching(text), expect.stringMatching(text)]);
  });
});

describe.each<[string, () => { body: BodyInit; change: () => void }, string]>([
  [
    'a query',
    () => {
      const body = new URLSearchParams({ a: 'one' });
      return { body, change: () => body.set('a', 'two') };
    },
    'a=one',
  ],
  [
    'a form',
    () => {
      const body = formOf('one');
      body.append('file', new File(['bytes'], 'name.txt', { type: 'text/x' }));
      return { body, change: () => body.delete('file') };
    },
    'filename="name.txt"\r\nContent-Type: text/x\r\n\r\nbytes',
  ],
  [
    'a buffer',
    () => {
      const view = new TextEncoder().encode('one');
      return { body: view.buffer, change: () => view.fill(0) };
    },
    'one',
  ],
  [
    'a view of a buffer',
    () => {
      const view = new TextEncoder().encode('-one-');
      return { body: view.subarray(1, 4), change: () => view.fill(0) };
    },
    'one',
  ],
])('A body of %s that is changed after the call', (_, given, text) => {
  it('is sent as it was at the call, also when it is resent', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    const { body, change } = given();
    const response = api(url(), { method: 'POST', body });
    change();
    expect((await response).status).toBe(200);
    expect(sentBodies()).toEqual([expect.stringContaining(text), expect.stringContaining(text)]);
  });
});

describe.each<[string, () => Parameters<typeof fetch>]>([
  ['a stream', () => [url(), { method: 'POST', body: streamOf('o', 'ne'), duplex: 'half' } as Init]],
  ['an async iterable', () => [url(), { method: 'POST', body: chunks() as never, duplex: 'half' } as Init]],
  [
    'a stream of Node',
    () => [url(), { method: 'POST', body: Readable.from(chunks()) as never, duplex: 'half' } as Init],
  ],
  ['a Request', () => [new Request(url(), { method: 'POST', body: 'one' })]],
  ['a Request of a form', () => [new Request(url(), { method: 'POST', body: new URLSearchParams('one') }), {}]],
  [
    'a Request of a stream',
    () => [new Request(url(), { method: 'POST', body: streamOf('o', 'ne'), duplex: 'half' } as Init)],
  ],
  [
    'a Request and a stream',
    () => [new Request(url(), { method: 'POST' }), { body: streamOf('one'), duplex: 'half' } as Init],
  ],
])('The body of %s', (_, call) => {
  it('is sent whole once', async () => {
    const { api } = fetchOn(auth.server);
    expect((await api(...call())).status).toBe(200);
    expect(sentBodies()).toEqual([expect.stringMatching(/^one=?$/)]);
  });

  it('is never sent empty: after a 401 the request fails with BodyUsedError, with the 401 as its cause', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    const error = await rejectionOf(api(...call()));
    expect(error).toMatchObject({ name: 'BodyUsedError', code: 'body-used', cause: { status: 401 } });
    await flush(auth.server);
    expect(sentBodies()).toEqual([expect.stringMatching(/^one=?$/)]);
    // The next try has a valid token.
    expect((await api(...call())).status).toBe(200);
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it('is sent whole when the request waited before its first send', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    const hold = auth.server.hold('/api/refresh-token');
    const first = api(`${auth.server.url}/api/test-get`);
    await hold.arrived;
    const waiting = api(...call());
    await flush(auth.server);
    expect(sentBodies()).toEqual([]);
    hold.release();
    expect((await waiting).status).toBe(200);
    expect(sentBodies()).toEqual([expect.stringMatching(/^one=?$/)]);
    await first;
  });
});

describe('A body that can be read once', () => {
  it('causes no error when the 401 is final', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions: { canRefresh: () => false } });
    auth.server.expireAccess();
    expect((await api(url(), { method: 'POST', body: streamOf('one'), duplex: 'half' } as Init)).status).toBe(401);
  });

  it('does not replace the SessionExpiredError of a refused refresh by a BodyUsedError', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    auth.server.revokeFamily();
    const error = await rejectionOf(api(new Request(url(), { method: 'POST', body: 'one' })));
    expect(error).toMatchObject({ code: 'session-expired' });
  });

  it('does not replace the SessionChangedError of another person’s sign-in during the refresh by a BodyUsedError', async () => {
    const { api, session } = fetchOn(auth.server);
    auth.server.expireAccess();
    const hold = auth.server.hold('/api/refresh-token');
    const rejection = rejectionOf(api(new Request(url(), { method: 'POST', body: 'one' })));
    await hold.arrived;
    void session.signIn(auth.server.login('bob'));
    hold.release();
    expect(await rejection).toMatchObject({ code: 'session-changed' });
  });

  it('fails with SessionChangedError, not with BodyUsedError, if another person signs in right after the refresh', async () => {
    const { api, session } = fetchOn(auth.server);
    auth.server.expireAccess();
    session.events$.subscribe(({ type }) => {
      if (type === 'refresh-succeeded') queueMicrotask(() => void session.signIn(auth.server.login('bob')));
    });
    const rejection = rejectionOf(api(new Request(url(), { method: 'POST', body: 'one' })));
    expect(await rejection).toMatchObject({ code: 'session-changed' });
  });

  it('is cancelled when the request is never sent', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions: { store: neverRead } });
    const cancel = vi.fn();
    const body = new ReadableStream({ cancel });
    const controller = new AbortController();
    const init: Init = { method: 'POST', body, duplex: 'half', signal: controller.signal };
    const rejection = rejectionOf(api(url(), init));
    controller.abort();
    expect(await rejection).toBe(controller.signal.reason);
    await waitFor(() => {
      expect(cancel).toHaveBeenCalledTimes(1);
    });
  });

  it('is neither cloned nor read before the send', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions: { store: neverRead } });
    const pull = vi.fn();
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    const controller = new AbortController();
    const init: Init = { method: 'POST', body, duplex: 'half', signal: controller.signal };
    const rejection = rejectionOf(api(url(), init));
    await flush(auth.server);
    expect(pull).not.toHaveBeenCalled();
    controller.abort();
    await rejection;
  });
});

const neverRead = { get: () => new Promise<TokenSet>(() => undefined), set: () => undefined };

function formOf(text: string): FormData {
  const form = new FormData();
  form.set('a', text);
  return form;
}

it('A body that can be read once is cancelled when its request fails before it is sent', async () => {
  const cancel = vi.fn();
  const failure = new Error('the key is locked');
  const { api } = fetchOn(auth.server, { sessionOptions: { authorize: () => Promise.reject(failure) } });
  const body = new ReadableStream({ cancel });
  expect(await rejectionOf(api(url(), { method: 'POST', body, duplex: 'half' } as Init))).toBe(failure);
  expect(cancel).toHaveBeenCalledExactlyOnceWith(failure);
  expect(sentBodies()).toEqual([]);
});
