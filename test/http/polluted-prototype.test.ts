import { attachSession, createClient, createSession, memoryStore, type AttachSessionOptions } from 'sluice';
import axios, { type AxiosResponse } from 'axios';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AuthServer } from '../support/auth-server.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
const auth = useAuthServer();
const elsewhere = useAuthServer();

/** Stands on Object.prototype and fails the test if it is called, because only own keys may be read. */
const gadget = vi.fn(() => {
  throw new Error('what stands on Object.prototype was called');
});
const adapter = () => Promise.resolve({ data: 'forged', status: 200, statusText: '', headers: {}, config: {} });

/**
 * What a faulty library might put on `Object.prototype`: options of axios and of Sluice. Not `timeout` and not
 * `signal`, because Node's own sockets read these there, so that raw axios fails as well.
 */
const polluted: readonly (readonly [key: string, value: unknown])[] = [
  ['adapter', gadget],
  ['adapter', adapter],
  ['beforeRedirect', gadget],
  ['transformRequest', gadget],
  ['transformResponse', gadget],
  ['validateStatus', () => true],
  ['parseReviver', gadget],
  ['paramsSerializer', gadget],
  ['transport', { request: gadget }],
  ['httpAgent', { addRequest: gadget }],
  ['lookup', gadget],
  ['onUploadProgress', gadget],
  ['onDownloadProgress', gadget],
  ['env', { fetch: gadget, FormData: gadget, Request: gadget }],
  ['fetch', gadget],
  ['data', { forged: true }],
  ['params', { forged: 'yes' }],
  ['auth', { username: 'somebody', password: 'else' }],
  ['method', 'DELETE'],
  ['responseType', 'arraybuffer'],
  ['maxContentLength', 1],
  ['maxBodyLength', 1],
  ['maxRedirects', 0],
  ['decompress', false],
  ['proxy', { protocol: 'http', host: '127.0.0.1', port: 1 }],
  ['socketPath', '/nowhere.sock'],
  ['transitional', { silentJSONParsing: false, forcedJSONParsing: false }],
  ['cancelToken', { throwIfRequested: gadget, promise: Promise.reject.bind(Promise) }],
  ['allowAbsoluteUrls', false],
  ['session', false],
  ['observe', 'events'],
  ['schema', { '~standard': { validate: gadget } }],
  ['isUnauthorized', gadget],
  ['axios', { request: gadget, defaults: {}, interceptors: {} }],
];

function pollute(key: string, value: unknown): void {
  Object.defineProperty(Object.prototype, key, { value, configurable: true, writable: true, enumerable: false });
}
afterEach(() => {
  for (const [key] of polluted) Reflect.deleteProperty(Object.prototype, key);
  Reflect.deleteProperty(Object.prototype, 'baseURL');
  Reflect.deleteProperty(Object.prototype, 'trustedOrigins');
  gadget.mockClear();
});

interface Sender {
  get(url: string): Promise<AxiosResponse>;
  post(url: string, data: unknown): Promise<AxiosResponse>;
  request(config: { readonly url: string }): Promise<AxiosResponse>;
}

function sessionOn(server: AuthServer) {
  return createSession({ store: memoryStore(server.login()), refresh: async () => server.login() });
}

const ways: Record<string, (server: AuthServer, baseURL?: string) => Sender> = {
  'an attached instance': (server, baseURL = server.url) => {
    const instance = axios.create({ baseURL });
    attachSession(instance, sessionOn(server));
    return instance;
  },
  'a client': (server, baseURL = server.url) => {
    const api = createClient({ baseURL, session: sessionOn(server) });
    return {
      get: (url) => firstValueFrom(api.get(url, { observe: 'response' })),
      post: (url, data) => firstValueFrom(api.post(url, data, { observe: 'response' })),
      request: (config) => firstValueFrom(api.request({ ...config, observe: 'response' })),
    };
  },
  'a client with an instance': (server, baseURL = server.url) => {
    const api = createClient({ axios: axios.create({ baseURL }), session: sessionOn(server) });
    return {
      get: async (url) => ({ data: await firstValueFrom(api.get(url)), status: 200 }) as AxiosResponse,
      post: async (url, data) => ({ data: await firstValueFrom(api.post(url, data)), status: 200 }) as AxiosResponse,
      request: async (config) => ({ data: await firstValueFrom(api.request(config)), status: 200 }) as AxiosResponse,
    };
  },
};

/**
 * Sends a redirect, a body and a request without a method, each with a refresh; returns what the server and the
 * caller see.
 */
async function outcome(make: (server: AuthServer) => Sender): Promise<unknown> {
  const { server } = auth;
  server.forget();
  const sender = make(server);
  const answers: unknown[] = [];
  for (const send of [
    () => sender.get('/api/redirect?to=/api/echo'),
    () => sender.post('/api/echo', { body: 'mine' }),
    () => sender.request({ url: '/api/test-get' }),
    () => sender.get('/api/status/503'),
  ]) {
    server.expireAccess();
    answers.push(
      await send().then(
        ({ status, data }) => [status, (data as { text?: string }).text ?? 'no text'],
        (error: unknown) => String(error),
      ),
    );
  }
  const sent = server.requests.map(({ method, path, headers, body, tokenState }) => {
    const { authorization, host, ...others } = headers;
    return { method, path, others, token: [authorization !== undefined, tokenState], text: body.toString() };
  });
  return { answers, sent };
}

describe.each(Object.entries(ways))('with a polluted Object.prototype, %s', (_way, make) => {
  it.each(polluted.map(([key, value]) => [key, typeof value, value] as const))(
    'sends and answers as before when %s (a %s) is on the prototype',
    async (key, _kind, value) => {
      const clean = await outcome(make);
      pollute(key, value);
      const after = await outcome(make).finally(() => Reflect.deleteProperty(Object.prototype, key));
      expect(after).toEqual(clean);
      expect(gadget).not.toHaveBeenCalled();
    },
  );

  it('sends no token to an origin that `baseURL` and `trustedOrigins` on the prototype name', async () => {
    pollute('baseURL', elsewhere.server.url);
    pollute('trustedOrigins', [elsewhere.server.url]);
    await make(auth.server).get(`${elsewhere.server.url}/public/echo`);
    expect(elsewhere.server.requests).toMatchObject([{ path: '/public/echo', tokenState: 'none' }]);
  });
});

describe('with a polluted Object.prototype, the global axios', () => {
  it('gets no base URL that would be trusted', async () => {
    const shared = axios.interceptors.request;
    const detach = attachSession(axios, sessionOn(auth.server), { trustedOrigins: [auth.server.url] });
    try {
      pollute('baseURL', elsewhere.server.url);
      await axios.get(`${elsewhere.server.url}/public/echo`);
      expect(elsewhere.server.requests).toMatchObject([{ tokenState: 'none' }]);
    } finally {
      detach();
      shared.clear();
    }
  });

  it('gets no option of attachSession from the prototype', async () => {
    pollute('trustedOrigins', [elsewhere.server.url]);
    const instance = axios.create({ baseURL: auth.server.url });
    attachSession(instance, sessionOn(auth.server), {} satisfies AttachSessionOptions);
    await instance.get(`${elsewhere.server.url}/public/echo`);
    expect(elsewhere.server.requests).toMatchObject([{ tokenState: 'none' }]);
  });
});

describe('with a polluted Object.prototype, a session', () => {
  it('does not use a store on the prototype', async () => {
    const store = { get: gadget, set: gadget };
    pollute('store', store);
    try {
      const session = createSession({ refresh: async () => auth.server.login() });
      await session.signIn(auth.server.login());
      expect(gadget).not.toHaveBeenCalled();
    } finally {
      Reflect.deleteProperty(Object.prototype, 'store');
    }
  });
});
