import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attachSession, createClient } from 'sluice';
import axios, { type AxiosRequestConfig } from 'axios';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openJudgingServer } from '../support/judging-server.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { errorOf, sessionOn } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

const senders = ['client', 'attached instance'] as const;

/** An app with two trusted origins, and the tokens that its session starts with. */
const app = (sender: (typeof senders)[number], files: string, defaults: AxiosRequestConfig = {}) => {
  const initial = auth.server.login();
  const setup = sessionOn(auth.server, { initial });
  const trustedOrigins = [files];
  const instance = axios.create({ baseURL: auth.server.url, ...defaults });
  if (sender === 'attached instance') attachSession(instance, setup.session, { trustedOrigins });
  const api = createClient({ axios: instance, session: setup.session, trustedOrigins });
  const get = (path: string): Promise<unknown> =>
    sender === 'client' ? firstValueFrom(api.get(path)) : instance.get(path).then(({ data }) => data as unknown);
  return { ...setup, get, first: initial.accessToken };
};
const moved = (to: string): void => {
  auth.server.route('/public/moved', () => ({ status: 302, headers: { location: to } }));
};
/** The dead tokens of a server that accepts every token: none. */
const dead: readonly string[] = [];

describe.each(senders)('a redirect between two trusted origins, by the %s,', (sender) => {
  it('carries the token over http', async () => {
    const files = await openJudgingServer(dead);
    const { get, first, refresh } = app(sender, files.url);
    moved(`${files.url}/1`);
    expect(await get('/public/moved')).toEqual({ here: true });
    expect(files.tokens).toEqual([first]);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('that ends with a 401 over http causes one refresh for ten requests at once', async () => {
    const rejected: string[] = [];
    const files = await openJudgingServer(rejected);
    const { get, first, session } = app(sender, files.url);
    rejected.push(first);
    moved(`${files.url}/1`);
    await Promise.all(Array.from({ length: 10 }, () => get('/public/moved')));
    const second = session.state.tokens?.accessToken;
    expect(files.tokens).toEqual([...Array<string>(10).fill(first), ...Array<string | undefined>(10).fill(second)]);
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it('through an untrusted origin carries no token there or to the next, trusted one, and starts no refresh', async () => {
    const files = await openJudgingServer(dead);
    const stranger = await openJudgingServer(dead, () => `${files.url}/1`);
    const { get, session } = app(sender, files.url);
    moved(stranger.url);
    expect(await errorOf(get('/public/moved'))).toMatchObject({ response: { status: 401 } });
    expect([stranger.tokens, files.tokens]).toEqual([[undefined], [undefined]]);
    expect(auth.server.refreshes).toEqual([]);
    expect(session.state).toMatchObject({ status: 'signed-in', generation: 1 });
  });

  it('loses the token over fetch, and a 401 there starts no refresh', async () => {
    const files = await openJudgingServer(dead);
    const { get, session } = app(sender, files.url, { adapter: 'fetch' });
    moved(`${files.url}/1`);
    expect(await errorOf(get('/public/moved'))).toMatchObject({ response: { status: 401 } });
    expect(files.tokens).toEqual([undefined]);
    expect(auth.server.refreshes).toEqual([]);
    expect(session.state.generation).toBe(1);
  });
});

describe.each(senders)('a server at a socket, by the %s,', (sender) => {
  it('gets requests sent again after one refresh for its 401', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const socketPath = join(folder, 'api.sock');
    const rejected: string[] = [];
    const api = await openJudgingServer(rejected, undefined, socketPath);
    const { get, first, session } = app(sender, auth.server.url, { socketPath });
    rejected.push(first);
    expect(await get('/me')).toEqual({ here: true });
    expect(api.tokens).toEqual([first, session.state.tokens?.accessToken]);
    expect(auth.server.refreshes).toHaveLength(1);
  });
});
