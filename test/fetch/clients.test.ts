import { createTRPCClient, httpBatchLink, type HTTPBatchLinkOptions, httpBatchStreamLink } from '@trpc/client';
import { initTRPC } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { EventSource } from 'eventsource';
import ky from 'ky';
import { ofetch } from 'ofetch';
import OpenAI from 'openai';
import createOpenApiClient from 'openapi-fetch';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Echo } from '../http/fixture.ts';
import type { Route } from '../support/routes.ts';
import type { ServerRequest } from '../support/server-request.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { fetchOn, rejectionOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

/** Sends one request by a client; returns the generation of the token that the server accepted. */
type Get = (n: number) => Promise<number | undefined>;

const trpc = initTRPC.context<{ generation: number | undefined }>().create();
const router = trpc.router({
  generation: trpc.procedure.input(Number).query(({ ctx }) => ctx.generation),
  order: trpc.procedure.input(String).mutation(({ ctx, input }) => `${input} ${ctx.generation}`),
});
const answerTrpc: Route = async (request) => {
  const { method, url, body, headers, generation } = request;
  const response = await fetchRequestHandler({
    endpoint: '/api/trpc',
    req: new Request(auth.server.url + url, {
      method,
      headers: { 'content-type': headers['content-type'] ?? '', 'trpc-accept': String(headers['trpc-accept'] ?? '') },
      ...(method === 'POST' && { body: body.toString() }),
    }),
    router,
    createContext: () => ({ generation }),
  });
  return {
    status: response.status,
    headers: { 'content-type': response.headers.get('content-type') ?? '' },
    body: await response.text(),
  };
};

interface Paths {
  '/api/echo': {
    get: {
      parameters: { query: { n: number } };
      responses: { 200: { content: { 'application/json': Echo } } };
    };
    post: {
      requestBody: { content: { 'application/json': { a: number } } };
      responses: { 200: { content: { 'application/json': Echo } } };
    };
  };
}

const completion = ({ generation }: ServerRequest) => ({
  id: 'one',
  object: 'chat.completion',
  created: 1,
  model: 'local',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: String(generation) } }],
});
const answerCompletion: Route = (request) => {
  const { stream } = JSON.parse(request.body.toString()) as { stream?: boolean };
  if (!stream) return { body: completion(request) };
  const chunk = { ...completion(request), choices: [{ index: 0, delta: { content: String(request.generation) } }] };
  return {
    headers: { 'content-type': 'text/event-stream' },
    body: `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`,
  };
};
const answerEvents: Route = async ({ generation }, closing) => ({
  headers: { 'content-type': 'text/event-stream' },
  body: (async function* () {
    yield `data: ${generation}\n\n`;
    await new Promise((resolve) => {
      closing.addEventListener('abort', resolve);
    });
  })(),
});

beforeEach(() => {
  auth.server.route('/api/trpc*', answerTrpc);
  auth.server.route('/api/v1/chat/completions', answerCompletion);
  auth.server.route('/api/events*', answerEvents);
});

/**
 * `apiFetch` with another type, because the platform's own fetch does not have this type either with
 * `exactOptionalPropertyTypes`.
 */
const trpcFetch =
  (api: typeof fetch): NonNullable<HTTPBatchLinkOptions<never>['fetch']> =>
  (url, init) =>
    api(url, init as RequestInit);

const openaiOn = (api: typeof fetch): OpenAI =>
  new OpenAI({
    baseURL: `${auth.server.url}/api/v1`,
    apiKey: 'unused',
    // Otherwise the API key would count as the request's own credentials.
    defaultHeaders: { Authorization: null },
    fetch: api,
    maxRetries: 0,
  });
const messages = [{ role: 'user', content: 'Hello' }] as const;

const clients: Record<string, (api: typeof fetch) => Get> = {
  'fetch itself': (api) => async (n) =>
    ((await (await api(`${auth.server.url}/api/echo?n=${n}`)).json()) as Echo).generation,
  ky: (api) => {
    const client = ky.create({ fetch: api, retry: 0 });
    return async (n) => (await client.get(`${auth.server.url}/api/echo?n=${n}`).json<Echo>()).generation;
  },
  ofetch: (api) => {
    const client = ofetch.create({ baseURL: auth.server.url, retry: 0 }, { fetch: api });
    return async (n) => (await client<Echo>('/api/echo', { query: { n } })).generation;
  },
  'ofetch, posting JSON': (api) => {
    const client = ofetch.create({ baseURL: auth.server.url }, { fetch: api });
    return async (n) => (await client<Echo>('/api/echo', { method: 'POST', body: { n } })).generation;
  },
  'openapi-fetch': (api) => {
    const client = createOpenApiClient<Paths>({ baseUrl: auth.server.url, fetch: (request) => api(request) });
    return async (n) => (await client.GET('/api/echo', { params: { query: { n } } })).data?.generation;
  },
  'tRPC, one request each': (api) => {
    const client = createTRPCClient<typeof router>({
      links: [httpBatchLink({ url: `${auth.server.url}/api/trpc`, fetch: trpcFetch(api), maxItems: 1 })],
    });
    return (n) => client.generation.query(n);
  },
  'tRPC, in a batch': (api) => {
    const client = createTRPCClient<typeof router>({
      links: [httpBatchLink({ url: `${auth.server.url}/api/trpc`, fetch: trpcFetch(api) })],
    });
    return (n) => client.generation.query(n);
  },
  'tRPC, in a batch that is streamed': (api) => {
    const client = createTRPCClient<typeof router>({
      links: [httpBatchStreamLink({ url: `${auth.server.url}/api/trpc`, fetch: trpcFetch(api) })],
    });
    return (n) => client.generation.query(n);
  },
  'the SDK of OpenAI': (api) => {
    const client = openaiOn(api);
    return async () => {
      const { choices } = await client.chat.completions.create({ model: 'local', messages: [...messages] });
      return Number(choices[0]?.message.content);
    };
  },
  'the SDK of OpenAI, streaming': (api) => {
    const client = openaiOn(api);
    return async () => {
      const stream = await client.chat.completions.create({ model: 'local', messages: [...messages], stream: true });
      let text = '';
      for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
      return Number(text);
    };
  },
  EventSource: (api) => (n) =>
    new Promise((resolve, reject) => {
      const source = new EventSource(`${auth.server.url}/api/events?n=${n}`, { fetch: api });
      source.onmessage = ({ data }) => {
        source.close();
        resolve(Number(data));
      };
      source.onerror = reject;
    }),
};

describe.each(Object.entries(clients))('With a sessionFetch, %s', (_, on) => {
  it('sends its requests with the token', async () => {
    const { api } = fetchOn(auth.server);
    expect(await on(api)(1)).toBe(1);
    expect(auth.server.requests.map(({ tokenState }) => tokenState)).toEqual(['valid']);
  });

  it('serves several requests with a dead token by one refresh', async () => {
    const { api } = fetchOn(auth.server);
    const get = on(api);
    auth.server.expireAccess();
    expect(await Promise.all([1, 2, 3, 4, 5].map(get))).toEqual([2, 2, 2, 2, 2]);
    expect(auth.server.refreshes).toHaveLength(1);
    expect(auth.server.staleSends()).toEqual([]);
  });

  it('fails with SessionExpiredError when the refresh is refused', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    auth.server.revokeFamily();
    const error = await rejectionOf(on(api)(1));
    const causes = [error];
    for (let at = error; at instanceof Error && at.cause; at = at.cause) causes.push(at.cause);
    // An EventSource does not report the cause.
    const told = causes.map((cause) => (cause as Error).message);
    expect(told).toContainEqual(expect.stringContaining('its refresh was refused'));
    expect(auth.server.refreshes).toHaveLength(1);
  });
});

describe.each<[string, (api: typeof fetch) => () => Promise<unknown>]>([
  ['ky', (api) => () => ky.post(`${auth.server.url}/api/echo`, { fetch: api, json: { a: 1 }, retry: 0 }).json()],
  [
    'openapi-fetch',
    (api) => () =>
      createOpenApiClient<Paths>({ baseUrl: auth.server.url, fetch: (request) => api(request) }).POST('/api/echo', {
        body: { a: 1 },
      }),
  ],
])('A POST by %s, which gives fetch a Request with a body,', (_, on) => {
  it('is sent whole after it has waited for a refresh', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    const hold = auth.server.hold('/api/refresh-token');
    const first = api(`${auth.server.url}/api/test-get`);
    await hold.arrived;
    const waiting = on(api)();
    hold.release();
    await Promise.all([waiting, first]);
    expect(auth.server.sent('/api/echo').map(({ body }) => body.toString())).toEqual(['{"a":1}']);
  });

  it('fails with BodyUsedError after a 401, and succeeds when it is tried again', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    expect(await rejectionOf(on(api)())).toMatchObject({ code: 'body-used' });
    await on(api)();
    expect(auth.server.sent('/api/echo').map(({ body }) => body.toString())).toEqual(['{"a":1}', '{"a":1}']);
    expect(auth.server.refreshes).toHaveLength(1);
  });
});

it('a mutation of tRPC is sent again after a 401', async () => {
  const { api } = fetchOn(auth.server);
  const client = createTRPCClient<typeof router>({
    links: [httpBatchLink({ url: `${auth.server.url}/api/trpc`, fetch: trpcFetch(api) })],
  });
  auth.server.expireAccess();
  expect(await client.order.mutate('tea')).toBe('tea 2');
});

it('EventSource reconnects with a new token when its stream ends after the token has died', async () => {
  const { api } = fetchOn(auth.server);
  auth.server.route('/api/ending', ({ generation }) => ({
    headers: { 'content-type': 'text/event-stream' },
    body: `retry: 1\ndata: ${generation}\n\n`,
  }));
  const source = new EventSource(`${auth.server.url}/api/ending`, { fetch: api });
  const seen: string[] = [];
  await new Promise<void>((resolve) => {
    source.onmessage = ({ data }) => {
      seen.push(String(data));
      if (seen.length === 1) auth.server.expireAccess();
      else resolve();
    };
  });
  source.close();
  expect(seen).toEqual(['1', '2']);
});
