import axios from 'axios';
import got from 'got';
import ky from 'ky';
import needle from 'needle';
import nodeFetch from 'node-fetch';
import { ofetch } from 'ofetch';
import { defer } from 'rxjs';
import { classifyRefreshError, retryOnUnauthorized } from 'sluice/session';
import superagent from 'superagent';
import * as undici from 'undici';
import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../src/session/backoff.ts';
import { record } from '../support/recorder.ts';
import { answering } from './answering.ts';
import { setUp, tokensOf } from './fixture.ts';

type Headers = Record<string, string>;
/** A request as an application makes it. Rejects for a 401, unless the package returns that as a value. */
type Get = (url: string, headers?: Headers) => Promise<unknown>;

const responseErrors = new undici.Agent().compose(undici.interceptors.responseError());

/** Clients whose errors contain the parsed body, or its text. */
const clients: Record<string, Get> = {
  axios: (url, headers = {}) => axios.get(url, { headers }),
  ofetch: (url, headers = {}) => ofetch(url, { headers, retry: 0 }),
  ky: (url, headers = {}) => ky(url, { headers, retry: 0 }).json(),
  superagent: (url, headers = {}) => superagent.get(url).set(headers).then(),
  'got.json()': (url, headers = {}) => got(url, { headers, retry: { limit: 0 } }).json(),
  needle: async (url, headers = {}) => {
    const answer = await needle('get', url, { headers });
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- as applications do: needle has no error for a status
    if (answer.statusCode !== 200) throw answer;
    return answer;
  },
  'undici.request()': (url, headers = {}) => undici.request(url, { headers, dispatcher: responseErrors }),
};

/** Clients that return each response as a `Response`, whose body cannot be read synchronously. */
const fetches: Record<string, Get> = {
  fetch: (url, headers = {}) => fetch(url, { headers }),
  'undici.fetch()': (url, headers = {}) => undici.fetch(url, { headers }),
  'node-fetch': (url, headers = {}) => nodeFetch(url, { headers }),
};

const outcomeOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

describe.each(Object.entries({ ...clients, ...fetches }))('retryOnUnauthorized with %s', (name, get) => {
  const server = answering();
  const sendTo = (path: string) => {
    const all = setUp();
    const request$ = defer(() =>
      get(server.url + path, { authorization: `Bearer ${all.session.state.tokens?.accessToken ?? ''}` }),
    );
    return { ...all, outcome: record(request$.pipe(retryOnUnauthorized(all.session))).outcome };
  };

  it(`resends a request of ${name} with the new token when its own was rejected`, async () => {
    const { outcome, refresh } = sendTo('/needs-access-2');
    expect(await outcome).toMatchObject({ kind: 'complete' });
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(server.tokens).toEqual(['Bearer access-1', 'Bearer access-2']);
  });

  it(`starts no refresh when the challenge in a response of ${name} names another cause`, async () => {
    const { outcome, refresh, events } = sendTo('/needs-scope');
    await outcome;
    expect(events.at(-1)).toEqual({ type: 'challenged', error: 'insufficient_scope' });
    expect([refresh.mock.calls.length, server.tokens.length]).toEqual([0, 1]);
  });

  it(`reads Retry-After from a response of ${name}`, async () => {
    expect(retryAfterMs(await outcomeOf(get(`${server.url}/503/x?retry-after=7`)))).toBe(7_000);
  });

  it(`tries a refresh by ${name} again when the response says try later`, async () => {
    const { session, refresh } = setUp({
      refresh: async () => {
        const path = server.tokens.length === 0 ? '/503/x?retry-after=0' : '/200/x';
        const answer = await get(server.url + path);
        if ((answer as Partial<Response>).ok === false) throw answer;
        return tokensOf(2);
      },
    });
    expect(await record(session.refresh$).outcome).toMatchObject({ kind: 'complete', values: [tokensOf(2)] });
    expect(refresh).toHaveBeenCalledTimes(2);
  });
});

describe.each(Object.entries(clients))('classifyRefreshError with %s', (name, get) => {
  const server = answering();

  it.each([
    [400, 'invalid_grant', 'rejected'],
    [401, 'invalid_client', 'misconfigured'],
    [400, 'invalid_scope', 'misconfigured'],
    [400, 'server_error', 'unavailable'],
    [401, 'Unauthorized', 'rejected'],
    [503, 'x', 'unavailable'],
  ])(`classifies %i %s of ${name} as %s`, async (status, code, expected) => {
    expect(classifyRefreshError(await outcomeOf(get(`${server.url}/${status}/${code}`)))).toBe(expected);
  });
});

describe.each(Object.entries(fetches))('classifyRefreshError with a response of %s', (name, get) => {
  const server = answering();

  it.each([
    [400, 'rejected'],
    [401, 'rejected'],
    [404, 'misconfigured'],
    [503, 'unavailable'],
  ])(`classifies %i of ${name} as %s`, async (status, expected) => {
    expect(classifyRefreshError(await get(`${server.url}/${status}/x`))).toBe(expected);
  });
});
