import { AxiosHeaders, type CreateAxiosDefaults, type RawAxiosHeaders } from 'axios';
import { identity, type Observable } from 'rxjs';
import { InvalidInputError, type Session } from '../session/index.ts';
import { assertKnownOptions, assertOption, internalsOf, isDevelopment, kindOf } from '../session/internal.ts';
import type { AttachSessionOptions } from './attach-session.ts';
import { axiosInstance, type AxiosLike } from './axios-like.ts';
import { checkRequest } from './check-request.ts';
import { withCallerStack } from './caller-stack.ts';
import { clientInstance } from './client-instance.ts';
import { withParts } from './client-parts.ts';
import { type ExecuteConfig, requestExecutor } from './client-request.ts';
import { defaultCredentialsWarning } from './default-credentials.ts';
import { eventsOf } from './observe-events.ts';
import type { RequestOptions, SendRequest, SendWithBody, SendWithoutBody } from './request-options.ts';
import { safeCopy } from './safe-copy.ts';
import { withSchema } from './schema.ts';
import { trustedBy } from './trusted-by.ts';

/**
 * Options of `createClient()`: the session, and either an axios instance of the app or the defaults that `axios.create()` takes, such as
 * `baseURL`, `timeout` and `headers`.
 */
export type ClientOptions = AttachSessionOptions & {
  /** The session that the requests belong to. @defaultValue none: the requests carry no token, and everything else is the same */
  readonly session?: Session;
} & (
    | {
        /** An instance of the app, whose defaults and interceptors apply. The client leaves it as it is. @defaultValue a new instance */
        readonly axios: AxiosLike;
      }
    | (CreateAxiosDefaults<unknown> & { readonly axios?: never })
  );

/**
 * Axios's methods, with its argument order, as cold Observables: each subscription sends a request, and unsubscribing aborts it, whether it
 * waits for a refresh, is being sent or is being received.
 *
 * A request belongs to the owner who is signed in when it is subscribed to. It fails with `SessionChangedError` if the owner changes before
 * it is sent, with `SessionExpiredError` or `RefreshFailedError` if the refresh that it waits for fails, with `BodyUsedError` if it would
 * have to be resent and its body can be read only once, with `SchemaMismatchError` if its `schema` does not accept the body, and otherwise
 * with an `AxiosError`. Arguments that can never make a valid request throw `InvalidInputError` at the call.
 */
export interface Client {
  /** Makes a GET request. */
  readonly get: SendWithoutBody;
  /** Makes a DELETE request. A body is passed as the option `data`. */
  readonly delete: SendWithoutBody;
  /** Makes a HEAD request. Its body is `null`: pass `observe: 'response'` for the headers. */
  readonly head: SendWithoutBody;
  /** Makes an OPTIONS request. */
  readonly options: SendWithoutBody;
  /** Makes a POST request. */
  readonly post: SendWithBody;
  /** Makes a PUT request. */
  readonly put: SendWithBody;
  /** Makes a PATCH request. */
  readonly patch: SendWithBody;
  /** Makes a POST request whose body is sent as `multipart/form-data`. */
  readonly postForm: SendWithBody;
  /** Makes a PUT request whose body is sent as `multipart/form-data`. */
  readonly putForm: SendWithBody;
  /** Makes a PATCH request whose body is sent as `multipart/form-data`. */
  readonly patchForm: SendWithBody;
  /** Makes a request of any method, with URL and method among the options. */
  readonly request: SendRequest;
}

/** The options that are not defaults of axios. */
const ownOptionNames = ['axios', 'session', 'trustedOrigins', 'isUnauthorized'];

/**
 * Makes a client, whose methods return cold Observables.
 *
 * All adapters of axios behave alike: a timeout has the code `ETIMEDOUT`, an abort by a signal has the signal's reason as its `cause`, a
 * successful response that says it is JSON must be JSON, an empty body is `null`, and a typed-array view is sent without the rest of its
 * buffer.
 *
 * @throws InvalidInputError for options that cannot work: no object, a value that is no axios instance, a misspelt option, an option
 * of the wrong kind, or, in Node, a session without a base URL or `trustedOrigins`, whose token could go nowhere
 * @example
 * ```ts
 * const api = createClient({ baseURL: 'https://api.example.com', session });
 * api.get<User[]>('/users', { params: { page: 2 } }).subscribe((users) => render(users));
 * api.post('/users', { name: 'Ada' }, { observe: 'response' }).subscribe(({ status }) => console.log(status));
 * ```
 */
export function createClient(options: ClientOptions): Client {
  if (typeof options !== 'object' || (options as unknown) === null)
    throw new InvalidInputError(
      `createClient() takes options, such as { baseURL, session }; given: ${kindOf(options)}.`,
    );
  const { axios: given, session, trustedOrigins: listed, isUnauthorized, ...defaults } = safeCopy(options);
  if (given !== undefined) assertKnownOptions('createClient() with an instance', options, ownOptionNames);
  const misspelt = Object.keys(defaults).find(
    (key) => key !== 'baseURL' && /^(baseurl|sessions?|trustedorigins?|isunauthori[sz]ed)$/i.test(key),
  );
  if (misspelt !== undefined)
    throw new InvalidInputError(
      `createClient() knows no ${misspelt}. It takes: baseURL, ${ownOptionNames.join(', ')}, and options of axios.`,
    );

  const { instance, deferred } =
    given !== undefined
      ? { instance: axiosInstance(given, 'createClient({ axios })'), deferred: {} }
      : clientInstance(safeCopy(defaults));
  assertOption('createClient()', 'isUnauthorized', isUnauthorized);
  const internals = session === undefined ? undefined : internalsOf(session);
  const trusted = trustedBy(instance, listed, internals && 'createClient() with a session');
  const onOwnCredentials = defaultCredentialsWarning(instance);
  // Decided once for all requests, because reading `process.env` is slow in Node.
  const withStack: <T>(request$: Observable<T>) => Observable<T> = isDevelopment() ? withCallerStack : identity;
  const execute = requestExecutor({ instance, deferred, internals, trusted, isUnauthorized, onOwnCredentials });

  const send = (method: string, url: string, given?: RequestOptions): Observable<unknown> => {
    const options = safeCopy(given ?? {});
    const { observe, schema } = options;
    checkRequest(url, options, instance.defaults);
    // Axios leaves keys that are undefined out of its config, so interceptors do not see `observe` and `schema`.
    const config: ExecuteConfig = Object.assign(options, { method, url, observe: undefined, schema: undefined });
    const respond = schema ? withSchema(execute, schema) : execute;

    if (observe === 'events') return withStack(eventsOf(config, respond));
    return withStack(respond<unknown>(config, observe === 'response' ? identity : ({ data }): unknown => data));
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
      const { url, method = 'get', ...rest } = safeCopy(Object(given) as typeof given);
      return send(method, url, rest);
    }) as SendRequest,
  };
  return withParts(client, { instance, session });
}
