import { attachSession, createSession, memoryStore, type Session, type SessionOptions } from 'sluice';
import axios, {
  type AxiosAdapter,
  AxiosHeaders,
  type AxiosInstance,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';

type Config = InternalAxiosRequestConfig;

/**
 * What apps do in asynchronous request interceptors: each is given the promise to wait for, and sends what it
 * returns.
 */
export const asynchronousKinds: Record<string, (config: Config, wait: Promise<void>) => Config | Promise<Config>> = {
  'gives the config at once': (config) => config,
  waits: (config, wait) => wait.then(() => config),
  'waits and spreads the config': (config, wait) => wait.then(() => ({ ...config })),
  'waits and assigns the config to another object': (config, wait) => wait.then(() => Object.assign({}, config)),
  'waits and merges the config': (config, wait) => wait.then(() => axios.mergeConfig({}, config) as Config),
  'waits and replaces the headers': (config, wait) =>
    wait.then(() => ({ ...config, headers: new AxiosHeaders({ 'X-Id': '1' }) })),
  'waits and replaces the adapter': (config, wait) =>
    wait.then(() => {
      const { adapter } = config;
      return Object.assign(config, { adapter: (sent: Config) => axios.getAdapter(adapter)(sent) });
    }),
  'waits and gives a config of text only': (config, wait) =>
    wait.then(() => {
      const { method, url, baseURL, data, adapter } = config;
      const copy = JSON.parse(JSON.stringify({ method, url, baseURL, data })) as Config;
      copy.headers = new AxiosHeaders();
      // Without this the session would be lost if `runWhen` has been called before.
      if (adapter) copy.adapter = adapter;
      return copy;
    }),
};

/** Whether an app registers its interceptor before or after `attachSession`. It matters because axios runs the newest one first. */
export const orders = ['before', 'after', 'before and after'] as const;
export type Order = (typeof orders)[number];

export interface Registration {
  readonly order: Order;
  register(instance: AxiosInstance): void;
}

export interface AppWithInterceptors {
  readonly instance: AxiosInstance;
  readonly session: Session;
  /** What the adapter was asked to send: method, path and token. */
  readonly sent: string[];
  detach(): void;
}

/** An attached instance with the app's own interceptors, and an adapter that records what it sends. */
export function appWith(
  { order, register }: Registration,
  options: Partial<SessionOptions> & { readonly answer?: (config: Config) => Partial<AxiosResponse> } = {},
): AppWithInterceptors {
  const { answer = () => ({}), ...sessionOptions } = options;
  const sent: string[] = [];
  const adapter: AxiosAdapter = async (config) => {
    const { headers, method = '', url = '' } = config;
    sent.push(`${method} ${url} ${String(headers.get('Authorization') ?? 'nobody')}`);
    const response = { data: 'answer', status: 200, statusText: '', headers: {}, config, ...answer(config) };
    if (config.validateStatus?.(response.status) !== false) return response;
    throw new axios.AxiosError(`status ${response.status}`, 'ERR_BAD_RESPONSE', config, undefined, response);
  };
  const instance = axios.create({ baseURL: 'https://api.example.com', adapter });
  const session = createSession({
    store: memoryStore({ accessToken: 'ada', refreshToken: 'r' }),
    refresh: () => Promise.reject(new Error('not expected')),
    authorize: ({ accessToken }) => ({ Authorization: accessToken }),
    refreshTimeoutMs: 10_000,
    ...sessionOptions,
  });
  if (order.includes('before')) register(instance);
  const detach = attachSession(instance, session);
  if (order.includes('after')) register(instance);
  return { instance, session, sent, detach };
}

/** An interceptor of a kind that waits until it is released. */
export function interceptorOf(kind: keyof typeof asynchronousKinds): {
  register(instance: AxiosInstance): void;
  letGo(): void;
} {
  let letGo = (): void => undefined;
  const wait = new Promise<void>((resolve) => (letGo = resolve));
  return {
    register: ({ interceptors }) =>
      interceptors.request.use((config) => asynchronousKinds[kind]?.(config, wait) ?? config),
    letGo,
  };
}
