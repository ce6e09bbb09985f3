import { createClient, createSession, memoryStore, type Client, type ClientOptions } from 'sluice';
import { describe, expect, onTestFinished, it, vi, type Mock } from 'vitest';
import { errorOf } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { adapters, type AdapterName } from './app.ts';
import { failOnUnhandled } from './unhandled.ts';
import { protect, useWorker } from './worker.ts';

failOnUnhandled();
const worker = useWorker();
const { origin, host, port } = location;

function app(adapter: AdapterName, options: Partial<ClientOptions> = {}): { api: Client; refresh: Mock } {
  const refresh = vi.fn(async () => ({ accessToken: 'new', refreshToken: 'r2' }));
  const session = createSession({ refresh, store: memoryStore({ accessToken: 'old', refreshToken: 'r1' }) });
  return { api: createClient({ adapter, ...options, session } as ClientOptions), refresh };
}

describe.each(adapters)('over %s', (adapter) => {
  it.each([
    ['a path', undefined, '/own/a'],
    ['the own origin', undefined, `${origin}/own/a`],
    ['a URL without a scheme', undefined, `//${host}/own/a`],
    ['a path below a base path', '/own', '/a'],
    ['a path below a base URL', `${origin}/own`, 'a'],
  ])('%s of the page gets the token, and its 401 is resolved by a refresh', async (_kind, baseURL, url) => {
    const seen = protect(worker, `${origin}/own/a`, 'new');
    const { api, refresh } = app(adapter, baseURL === undefined ? {} : { baseURL });

    expect(await record(api.get(url)).outcome).toEqual({ kind: 'complete', values: [{ ok: true }] });

    expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer new']);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['another host', 'https://elsewhere.example/a'],
    ['another host without a scheme', '//elsewhere.example/a'],
    ['another port', `http://localhost:${Number(port) + 1}/a`],
    ['another name of the same machine', `http://127.0.0.1:${port}/a`],
    ['a host that begins alike', `http://localhost.elsewhere.example:${port}/a`],
  ])('%s gets no token, and its 401 starts no refresh', async (_kind, url) => {
    const seen = protect(worker, new URL(url, origin).href, 'new');
    const { api, refresh } = app(adapter);

    const error = await errorOf(api.get(url));

    expect(error).toMatchObject({ response: { status: 401 } });
    expect(seen.map(({ authorization }) => authorization)).toEqual([null]);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('a path gets no token when the <base> of the document points to another origin', async () => {
    const base = document.createElement('base');
    base.href = 'https://elsewhere.example/';
    document.head.append(base);
    onTestFinished(() => {
      base.remove();
    });
    const seen = protect(worker, 'https://elsewhere.example/own/a', 'new');
    const { api, refresh } = app(adapter);

    expect(await errorOf(api.get('/own/a'))).toMatchObject({ response: { status: 401 } });

    expect(seen.map(({ authorization }) => authorization)).toEqual([null]);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('with a base URL on another origin, the page’s own origin is not trusted', async () => {
    const seen = protect(worker, `${origin}/own/a`, 'new');
    const { api, refresh } = app(adapter, { baseURL: 'https://api.example' });

    await errorOf(api.get(`${origin}/own/a`));

    expect(seen.map(({ authorization }) => authorization)).toEqual([null]);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('an origin in trustedOrigins gets the token', async () => {
    const seen = protect(worker, 'https://files.example/a', 'new');
    const { api } = app(adapter, { trustedOrigins: ['https://files.example'] });

    expect((await record(api.get('https://files.example/a')).outcome).kind).toBe('complete');

    expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer new']);
  });

  it('`session: false` sends no token, and the 401 is delivered', async () => {
    const seen = protect(worker, `${origin}/own/a`, 'new');
    const { api, refresh } = app(adapter);

    expect(await errorOf(api.get('/own/a', { session: false }))).toMatchObject({ response: { status: 401 } });

    expect(seen).toEqual([{ url: `${origin}/own/a`, method: 'GET', authorization: null }]);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('a request that brings its own credentials keeps them', async () => {
    const seen = protect(worker, `${origin}/own/a`, 'new');
    const { api, refresh } = app(adapter);

    await errorOf(api.get('/own/a', { headers: { Authorization: 'Bearer mine' } }));

    expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer mine']);
    expect(refresh).not.toHaveBeenCalled();
  });
});
