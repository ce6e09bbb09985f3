import axios, {
  type AxiosAdapter,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
  type CreateAxiosDefaults,
} from 'axios';
import { concatMap, defer, map, Observable } from 'rxjs';
import { gateOf, InvalidInputError, refuseUnknown, type Session } from '../session/index.ts';
import type { SessionUse } from './attach-session.ts';
import { absolute, isResolvable, trustedOrigins } from './trusted-origins.ts';
import { exactBytes } from './body.ts';
import { fromAxios } from './from-axios.ts';
import type { HttpEvent, RequestOptions, SendRequest, SendWithBody, SendWithoutBody } from './request-options.ts';
import { readStrictly } from './response-body.ts';
import { isResponse } from './response.ts';
import { validated } from './schema.ts';
import { sessionAdapter } from './session-adapter.ts';

/** An instance of your own, which stays as it is, or what `axios.create()` takes; and the session. */
export type ClientOptions = SessionUse & {
  /** Without one, the client sends no token; all else is the same. */
  readonly session?: Session;
} & ({ readonly axios: AxiosInstance } | (CreateAxiosDefaults<unknown> & { readonly axios?: never }));

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
  const { axios: given, session, trustedOrigins: listed, isUnauthorized, ...defaults } = options;
  if (given) refuseUnknown('createClient() with an instance', options, own);
  const misspelt = Object.keys(defaults).find(
    (key) => key !== 'baseURL' && /^(baseurl|sessions?|trustedorigins?|isunauthori[sz]ed)$/i.test(key),
  );
  if (misspelt !== undefined)
    throw new InvalidInputError(`createClient() knows no ${misspelt}: baseURL, ${own.join(', ')}`);

  const instance = given ?? axios.create(defaults);
  const gate = session && gateOf(session);
  const trusted = trustedOrigins(() => instance.defaults.baseURL, listed);
  if (session && !listed?.length && !isResolvable('', instance.defaults.baseURL)) {
    throw new InvalidInputError(
      'createClient() with a session needs a baseURL or trustedOrigins: they say who may see its tokens.',
    );
  }

  const exchange = (config: AxiosRequestConfig, sent?: () => void): Observable<AxiosResponse> =>
    defer(() => {
      // Asked now, since `refresh` makes its requests synchronously, and told to an instance that is attached as well.
      const isOwn = gate?.isRefreshItself(config.signal) === true;
      const choice = config.adapter ?? instance.defaults.adapter;
      const transport: typeof choice = sent
        ? (request) => {
            sent();
            return axios.getAdapter(choice, request)(request);
          }
        : choice;
      const isPlain = !session || isOwn || (config as RequestOptions).session === false;
      const wire = isPlain
        ? transport
        : sessionAdapter(transport, {
            session,
            trusted,
            isUnauthorized,
            onLeave: (cancel) => {
              leave = cancel;
            },
          });
      let response: AxiosResponse | undefined;
      let leave = (): void => undefined;
      const adapter: AxiosAdapter = async (request) => {
        readStrictly(request);
        Object.assign(request, { transitional: { ...request.transitional, clarifyTimeoutError: true } });
        response = await axios.getAdapter(wire, request)(request);
        return response;
      };
      const data: unknown = exactBytes(config.data);
      const request = { ...config, ...(isOwn && { session: false }), ...(data !== undefined && { data }), adapter };
      return fromAxios(instance, request, () => {
        leave();
      }).pipe(
        // An instance may unwrap its responses; what it made of one is the body.
        map((value) => (isResponse(value) ? value : ({ ...response, data: value } as AxiosResponse))),
      );
    });

  const send = (
    method: string,
    url: string,
    { observe = 'body', schema, ...rest }: RequestOptions = {},
  ): Observable<unknown> => {
    const config: AxiosRequestConfig = { ...rest, method, url };
    checkRequest(config, observe, instance.defaults.baseURL);
    const checked = (response$: Observable<AxiosResponse>): Observable<AxiosResponse> =>
      schema
        ? response$.pipe(concatMap(async (response) => ({ ...response, data: await validated(schema, response.data) })))
        : response$;

    if (observe === 'response') return checked(exchange(config));
    if (observe === 'body') return checked(exchange(config)).pipe(map(({ data }): unknown => data));
    return new Observable<HttpEvent<unknown>>((subscriber) => {
      let attempt = 0;
      const progress =
        (type: 'uploadProgress' | 'downloadProgress', also: AxiosRequestConfig['onUploadProgress']) =>
        (event: ProgressLike) => {
          also?.(event as Parameters<typeof also>[0]);
          const { loaded, total } = event;
          subscriber.next(total === undefined ? { type, loaded } : { type, loaded, total });
        };
      const observed = {
        ...config,
        onUploadProgress: progress('uploadProgress', config.onUploadProgress),
        onDownloadProgress: progress('downloadProgress', config.onDownloadProgress),
      };
      return checked(
        exchange(observed, () => {
          subscriber.next({ type: 'sent', attempt: ++attempt });
        }),
      )
        .pipe(map((response) => ({ type: 'response' as const, response })))
        .subscribe(subscriber);
    });
  };

  const without = (method: string): SendWithoutBody =>
    ((url: string, options?: RequestOptions) => send(method, url, options)) as SendWithoutBody;
  const withBody = (method: string, headers?: Record<string, string>): SendWithBody =>
    ((url: string, data?: unknown, options?: RequestOptions) =>
      send(method, url, {
        ...options,
        data,
        ...(headers && { headers: { ...headers, ...options?.headers } }),
      })) as SendWithBody;
  const form = { 'Content-Type': 'multipart/form-data' };
  return {
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
    request: (({ url, method = 'get', ...rest }: RequestOptions & { url: string; method?: string }) =>
      send(method, url, rest)) as SendRequest,
  };
}

interface ProgressLike {
  readonly loaded: number;
  readonly total?: number;
}

/** Says at the call, and not by an error later, what no subscription could make work. */
function checkRequest(
  { url, baseURL, allowAbsoluteUrls }: AxiosRequestConfig,
  observe: string,
  base: string | undefined,
): void {
  if (typeof url !== 'string') throw new InvalidInputError('A request needs a url: a string.');
  if (!['body', 'response', 'events'].includes(observe)) {
    throw new InvalidInputError(`observe is 'body', 'response' or 'events', not ${observe}.`);
  }
  if (allowAbsoluteUrls === false && absolute.test(url)) {
    throw new InvalidInputError('The URL is absolute, and allowAbsoluteUrls is false.');
  }
  if (!isResolvable(url, baseURL ?? base)) {
    throw new InvalidInputError(
      `The URL is relative, and there is no page that it could start from: give the client a baseURL.`,
    );
  }
}
