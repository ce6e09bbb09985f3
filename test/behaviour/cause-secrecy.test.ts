import { inspect } from 'node:util';
import axios, { type AxiosError } from 'axios';
import got from 'got';
import ky from 'ky';
import needle from 'needle';
import nodeFetch from 'node-fetch';
import * as oauth4webapi from 'oauth4webapi';
import { ofetch } from 'ofetch';
import { createClient, createSession, memoryStore, SessionExpiredError, StoreFailedError, type TokenSet } from 'sluice';
import superagent from 'superagent';
import { describe, expect, it, onTestFinished } from 'vitest';
import { errorOf } from '../http/fixture.ts';
import { expectNoTokenShown, shown } from '../support/shown.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();

const current = { accessToken: 'access+of/ada=1', refreshToken: 'refresh+of/ada=1' };
/** Values in the responses of the server that no app uses. Sluice cannot know these before it sees them. */
const fresh = { access_token: 'access-of-ada-2', refresh_token: 'refresh-of-ada-2', cookie: 'cookie-of-ada-2' };
const secrets = [...Object.values(current), ...Object.values(fresh)];

/** How the server answers a refresh in a test. */
const answers: Record<string, (sent: string) => { status: number; body: string }> = {
  'a 503': () => ({ status: 503, body: 'try later' }),
  'a 503 that echoes what was sent': (sent) => ({ status: 503, body: sent }),
  'a 400 that quotes the token': () => ({
    status: 400,
    body: JSON.stringify({ error: 'invalid_grant', error_description: `expired: ${current.refreshToken}` }),
  }),
  'a 200 in a shape that is not expected': () => ({
    status: 200,
    body: JSON.stringify({ tokens: [fresh.access_token, fresh.refresh_token] }),
  }),
  'a 200 whose JSON is cut': () => ({ status: 200, body: JSON.stringify(fresh).slice(0, -2) }),
};

async function serverWith(answer: (sent: string) => { status: number; body: string }): Promise<string> {
  const { createServer } = await import('node:http');
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { status, body } = answer(Buffer.concat(chunks).toString());
      const headers = { 'content-type': 'application/json', 'set-cookie': `rt=${fresh.cookie}; HttpOnly` };
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}/token`;
}

/**
 * A refresh as apps write it: it rejects with the error of its client, or with an error made from an unexpected
 * response.
 */
type Refresh = (url: string, tokens: TokenSet) => Promise<unknown>;
const json = ({ refreshToken }: TokenSet) => ({ refreshToken });
const form = ({ refreshToken = '' }: TokenSet) => new URLSearchParams({ refresh_token: refreshToken });
const bearer = ({ accessToken, refreshToken = '' }: TokenSet) => ({
  authorization: `Bearer ${accessToken}`,
  'x-rt': refreshToken,
});
const strictly = async (response: Response): Promise<unknown> => {
  // eslint-disable-next-line @typescript-eslint/only-throw-error -- as some apps do
  if (!response.ok) throw response;
  return response.json();
};

const refreshes: Record<string, Refresh> = {
  'axios, JSON': (url, tokens) => axios.post(url, json(tokens), { headers: bearer(tokens) }),
  'axios, a form': (url, tokens) => axios.post(url, form(tokens)),
  'axios, the query': (url, tokens) => axios.post(url, null, { params: { rt: tokens.refreshToken } }),
  'axios, fetch adapter': (url, tokens) => axios.post(url, json(tokens), { adapter: 'fetch', headers: bearer(tokens) }),
  ky: (url, tokens) => ky.post(url, { json: json(tokens), headers: bearer(tokens), retry: 0 }).json(),
  ofetch: (url, tokens) => ofetch(url, { method: 'post', body: json(tokens), headers: bearer(tokens), retry: 0 }),
  superagent: (url, tokens) => superagent.post(url).set(bearer(tokens)).send(json(tokens)).then(),
  got: (url, tokens) => got.post(url, { json: json(tokens), headers: bearer(tokens), retry: { limit: 0 } }).json(),
  needle: async (url, tokens) => {
    const answer = await needle('post', url, json(tokens), { json: true, headers: bearer(tokens) });
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- as applications do: needle has no error for a status
    if (answer.statusCode !== 200) throw answer;
    return answer.body as unknown;
  },
  'fetch, the Response thrown': async (url, tokens) =>
    strictly(await fetch(`${url}?rt=${encodeURIComponent(tokens.refreshToken ?? '')}`, { headers: bearer(tokens) })),
  'node-fetch, the Response thrown': async (url, tokens) =>
    strictly((await nodeFetch(url, { method: 'post', body: form(tokens), headers: bearer(tokens) })) as never),
  'fetch, an error that quotes': async (url, tokens) => {
    const response = await fetch(url, { method: 'post', body: form(tokens) });
    throw new Error(`${url} said ${response.status} to ${JSON.stringify(tokens)}: ${await response.text()}`);
  },
  oauth4webapi: async (url, tokens) => {
    const server = { issuer: new URL(url).origin, token_endpoint: url };
    const answer = await oauth4webapi.refreshTokenGrantRequest(
      server,
      { client_id: 'app' },
      oauth4webapi.ClientSecretBasic('secret'),
      tokens.refreshToken ?? '',
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so as to stand out; the test's server has no TLS
      { [oauth4webapi.allowInsecureRequests]: true },
    );
    return oauth4webapi.processRefreshTokenResponse(server, { client_id: 'app' }, answer);
  },
};

const sessionWith = (refresh: () => Promise<unknown>) =>
  createSession({ store: memoryStore(current), refreshRetries: false, refresh: refresh as never });

describe.each(Object.entries(refreshes))('The cause of a failed refresh by %s shows no token', (_, refresh) => {
  it.each(Object.entries(answers))('after %s', async (__, answer) => {
    const url = await serverWith(answer);
    let thrown: unknown;
    const session = sessionWith(() =>
      refresh(url, current).catch((error: unknown) => {
        thrown = error;
        throw error;
      }),
    );
    const error = await errorOf(session.refresh$);
    expectNoTokenShown(error, secrets);
    if (thrown !== undefined) expect(error.cause).toBe(thrown);
    if (thrown !== undefined) expectNoTokenShown(thrown, secrets);
  });
});

describe('The cause of a failed refresh', () => {
  it('is still an AxiosError whose request code can read; printed, it shows status, code, message and URL', async () => {
    const url = await serverWith(() => ({ status: 503, body: '{"error":"temporarily_unavailable"}' }));
    const session = sessionWith(() => axios.post(url, json(current), { headers: bearer(current) }));
    const cause = (await errorOf(session.refresh$)).cause as AxiosError;
    expect(cause).toBeInstanceOf(axios.AxiosError);
    expect(cause.config?.data).toBe(JSON.stringify({ refreshToken: current.refreshToken }));
    expect(cause.config?.headers['authorization']).toBe(`Bearer ${current.accessToken}`);
    expect(cause.response?.status).toBe(503);
    for (const text of [shown(cause)['console'], shown(cause)['walked']]) {
      for (const word of ['503', 'ERR_BAD_RESPONSE', 'Request failed with status code 503', url, 'temporarily_unavail'])
        expect(text).toContain(word);
    }
  });

  it('is shown only by its kind and status if it is a response that holds a cookie', async () => {
    const url = await serverWith(() => ({ status: 503, body: '' }));
    const session = sessionWith(() => fetch(url).then(strictly));
    const error = await errorOf(session.refresh$);
    expect(shown(error)['console']).toContain('Response 503');
    expect((error.cause as unknown as Response).headers.get('set-cookie')).toContain(fresh.cookie);
  });

  it.each<[string, () => unknown]>([
    ['a list', () => [current.refreshToken]],
    ['a map', () => new Map([['rt', current.refreshToken]])],
    ['bytes', () => Buffer.from(current.refreshToken)],
    ['text', () => `spent: ${current.refreshToken}`],
    ['text as a cause', () => new Error('x', { cause: current.refreshToken })],
    ['a frozen object', () => Object.freeze({ rt: current.refreshToken })],
    ['an error with a frozen cause', () => new Error('x', { cause: Object.freeze({ rt: current.refreshToken }) })],
    ['several errors', () => new AggregateError([new Error(current.refreshToken)], current.accessToken)],
    ['a DOMException', () => new DOMException(`no ${current.refreshToken}`, 'DataError')],
    [
      'a cycle',
      () => {
        const error: Error & { self?: unknown; rt?: string } = new Error('x');
        return Object.assign(error, { self: error, list: [error], rt: current.refreshToken });
      },
    ],
    [
      'a getter that throws beside a token',
      () =>
        Object.defineProperty({ rt: current.refreshToken }, 'angry', {
          enumerable: true,
          get: () => {
            throw new Error('no');
          },
        }),
    ],
    [
      'more objects than anybody looks at',
      () => ({ many: Array.from({ length: 5000 }, (__, n) => ({ n, rt: current.refreshToken })) }),
    ],
    ['a refusal in the words of the app', () => new SessionExpiredError(`over: ${current.refreshToken}`)],
  ])('shows no token when it is %s', async (_, thrown) => {
    const session = sessionWith(() => Promise.reject(thrown()));
    expectNoTokenShown(await errorOf(session.refresh$), secrets);
  });
});

it('The cause of a store that failed shows no token', () => {
  // An error of ioredis contains the failed command and its arguments, which are the tokens here.
  const failure = Object.assign(new Error('READONLY'), {
    command: { name: 'set', args: ['session', JSON.stringify(current)] },
  });
  const error = new StoreFailedError(failure);
  expectNoTokenShown(error, secrets);
  expect(error.cause).toBe(failure);
  expect(shown(error)['console']).toContain('READONLY');
});

it('A session and a client show no token on the console or as JSON', () => {
  const session = sessionWith(() => Promise.reject(new Error('not expected')));
  for (const thing of [session, createClient({ baseURL: 'https://api.example.com', session })]) {
    const text = inspect(thing, { depth: Infinity }) + JSON.stringify(thing);
    for (const secret of secrets) expect(text).not.toContain(secret);
  }
});
