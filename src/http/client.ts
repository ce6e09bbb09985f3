import { AxiosHeaders, type CreateAxiosDefaults, type RawAxiosHeaders } from 'axios';
import { identity, type Observable } from 'rxjs';
import { InvalidInputError, type Session } from '../session/index.ts';
import { assertKnownOptions, isDevelopment } from '../session/internal.ts';
import type { AttachSessionOptions } from './attach-session.ts';
import { axiosInstance, type AxiosLike } from './axios-like.ts';
import { checkRequest } from './check-request.ts';
import { withCallerStack } from './caller-stack.ts';
import { clientInstance } from './client-instance.ts';
import { withParts } from './client-parts.ts';
import { type ExchangeConfig, exchanges } from './client-request.ts';
import { defaultCredentialsWarning } from './default-credentials.ts';
import { eventsOf } from './observe-events.ts';
import type { RequestOptions, SendRequest, SendWithBody, SendWithoutBody } from './request-options.ts';
import { safeCopy } from './safe-copy.ts';
import { validating } from './schema.ts';
import { trustedBy } from './trusted-by.ts';

/** An instance of your own, which stays as it is, or what `axios.create()` takes; and the session. */
export type ClientOptions = AttachSessionOptions & {
  /** Without one, the client sends no token; all else is the same. */
  readonly session?: Session;
} & ({ readonly axios: AxiosLike } | (CreateAxiosDefaults<unknown> & { readonly axios?: never }));

/** Axios's verbs, with its argument order, as cold Observables. */
export interface Client {
  readonly get: SendWithoutBody;
  readonly delete: SendWithoutBody;
  readonly head: SendWithoutBody;
  readonly options: SendWithoutBody;
  readonly post: SendWithBody;
  readonly put: SendWithBody;
  readonly patch: SendWithBody;
  readonly postForm: SendWithBody;
  readonly putForm: SendWithBody;
  readonly patchForm: SendWithBody;
  readonly request: SendRequest;
}

const own = ['axios', 'session', 'trustedOrigins', 'isUnauthorized'];

/**
 * Makes a client. Each subscription to what its methods return is a request; unsubscribing aborts it, wherever it is.
 *
 * Adapters are made alike: a timeout is `ETIMEDOUT`, an abort by signal has the signal's reason as its `cause`, an answer that
 * says it is JSON is JSON or an error, an empty body is `null`, a typed-array view is sent as the view.
 *
 * @throws InvalidInputError for options that cannot work, such as a session whose tokens could go nowhere
 */
export function createClient(options: ClientOptions): Client {
  if (typeof options !== 'object' || (options as unknown) === null)
    throw new InvalidInputError(
      'createClient() takes options, such as { baseURL, session }; given: nothing of the kind.',
    );
  const { axios: given, session, trustedOrigins: listed, isUnauthorized, ...defaults } = safeCopy(options);
  if (given) assertKnownOptions('createClient() with an instance', options, own);
  const misspelt = Object.keys(defaults).find(
    (key) => key !== 'baseURL' && /^(baseurl|sessions?|trustedorigins?|isunauthori[sz]ed)$/i.test(key),
  );
  if (misspelt !== undefined)
    throw new InvalidInputError(`createClient() knows no ${misspelt}: baseURL, ${own.join(', ')}`);

  const { instance, late } = given
    ? { instance: axiosInstance(given, 'createClient({ axios })'), late: {} }
    : clientInstance(safeCopy(defaults));
  const trusted = trustedBy(instance, listed, session && 'createClient() with a session');
  const onOwnCredentials = defaultCredentialsWarning(instance);
  // Asked once: in Node, to read the environment takes long.
  const traced: <T>(request$: Observable<T>) => Observable<T> = isDevelopment() ? withCallerStack : identity;
  const exchange = exchanges({ instance, late, session, trusted, isUnauthorized, onOwnCredentials });

  const send = (method: string, url: string, given?: RequestOptions): Observable<unknown> => {
    const options = safeCopy(given ?? {});
    const { observe, schema } = options;
    checkRequest(url, options, instance.defaults);
    // What is undefined is no part of the config that axios makes.
    const config: ExchangeConfig = Object.assign(options, { method, url, observe: undefined, schema: undefined });
    const respond = schema ? validating(exchange, schema) : exchange;

    if (observe === 'events') return traced(eventsOf(config, config.adapter ?? instance.defaults.adapter, respond));
    return traced(respond<unknown>(config, observe === 'response' ? identity : ({ data }): unknown => data));
  };

  const without = (method: string): SendWithoutBody =>
    ((url: string, options?: RequestOptions) => send(method, url, options)) as SendWithoutBody;
  const withBody = (method: string, headers?: Record<string, string>): SendWithBody =>
    ((url: string, data?: unknown, given?: RequestOptions) => {
      const options = Object.assign(safeCopy(given ?? {}), { data });
      if (headers) options.headers = AxiosHeaders.concat(headers, options.headers as RawAxiosHeaders | undefined);
      return send(method, url, options);
    }) as SendWithBody;
  const form = { 'Content-Type': 'multipart/form-data' };
  const client: Client = {
    get: without('get'),
    delete: without('delete'),
    head: without('head'),
    options: without('options'),
    post: withBody('post'),
    put: withBody('put'),
    patch: withBody('patch'),
    postForm: withBody('post', form),
    putForm: withBody('put', form),
    patchForm: withBody('patch', form),
    request: ((given: RequestOptions & { url: string; method?: string }) => {
      const { url, method = 'get', ...rest } = safeCopy(given);
      return send(method, url, rest);
    }) as SendRequest,
  };
  return withParts(client, { instance, session });
}
