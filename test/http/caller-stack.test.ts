import { createClient } from 'sluice';
import { firstValueFrom, map, type Observable } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { attachedOn } from './attached.ts';
import { adapters, appOn, errorOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
afterEach(() => {
  vi.unstubAllEnvs();
});

const subscribesHere = (request$: Observable<unknown>): Promise<unknown> => firstValueFrom(request$);
const stackOf = async (outcome: Promise<unknown>): Promise<string> => String((await errorOf(outcome)).stack);
const frames = (stack: string): string[] => stack.split('\n').filter((line) => line.includes('subscribesHere'));

describe.each(adapters)('the stack of a request’s error, with the %s adapter,', (adapter) => {
  const app = () => appOn(auth.server, { adapter });

  it('names the caller of an attached instance', async () => {
    const { instance } = attachedOn(auth.server, { adapter });
    const callsHere = async (): Promise<unknown> => await instance.get('/api/status/500');
    expect(await stackOf(callsHere())).toContain('callsHere');
  });

  it('names the subscriber of a client, once', async () => {
    const { api } = app();
    const error = await errorOf(subscribesHere(api.get('/api/status/500').pipe(map(String))));
    expect(frames(String(error.stack))).toHaveLength(1);
    expect(String(error.stack)).toMatch(/^AxiosError: Request failed with status code 500\n/);
  });

  it('names the subscriber of a request that waited for a refresh', async () => {
    const { api } = app();
    auth.server.expireAccess();
    expect(frames(await stackOf(subscribesHere(api.get('/api/status/500'))))).toHaveLength(1);
  });

  it('names the subscriber whose signal aborts, whose response does not fit its schema, and who observes events', async () => {
    const { api } = app();
    const schema = {
      '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'no' }] }) },
    } as const;
    for (const request$ of [
      api.get('/api/echo', { signal: AbortSignal.abort() }),
      api.get('/api/echo', { schema }),
      api.get('/api/status/500', { observe: 'events' }),
    ])
      expect(frames(await stackOf(firstValueFromLast(request$)))).toHaveLength(1);
  });

  it('does not name one of the requests when a refresh fails for all of them', async () => {
    const { api } = app();
    auth.server.expireAccess();
    auth.server.nextRefresh('400:invalid_grant');
    const errors = await Promise.all([1, 2].map(() => errorOf(subscribesHere(api.get('/api/echo')))));
    expect(frames(String(errors[0]?.stack))).toEqual([]);
  });

  it('ends inside axios in production, because recording the subscriber takes time', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const { api } = app();
    expect(frames(await stackOf(subscribesHere(api.get('/api/status/500'))))).toEqual([]);
  });
});

/** Subscribes in a function with this name. */
const firstValueFromLast = async (request$: Observable<unknown>): Promise<unknown> => {
  let last: unknown;
  const subscribesHere = (): Promise<void> => request$.forEach((value) => void (last = value));
  await subscribesHere();
  return last;
};

it('an error whose stack cannot be changed is passed on unchanged', async () => {
  const frozen = Object.freeze(Object.assign(new Error('frozen'), { isAxiosError: true }));
  const api = createClient({ baseURL: auth.server.url, adapter: () => Promise.reject(frozen) });
  expect(await errorOf(api.get('/public/echo'))).toBe(frozen);
});
