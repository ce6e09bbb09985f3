import { from } from 'rxjs';
import { InvalidInputError, type Session, type TokenSet } from '../session/index.ts';
import {
  assertKnownOptions,
  assertOption,
  bringsCredentials,
  checkedOrigins,
  freeBody,
  internalsOf,
  originOf,
  ownOptions,
  type RequestHeaders,
  RequestLifecycle,
  saysUnauthorized,
  type SessionInternals,
} from '../session/internal.ts';
import { refuseUsedBody } from './body-used.ts';
import { endWithOwner } from './end-with-owner.ts';
import type { Sender } from './follow-redirects.ts';
import { headOf, type OutgoingRequest, outgoingRequest, type RequestHead } from './outgoing-request.ts';
import { send } from './send.ts';
import { throwIfAborted, unlessAborted } from './unless-aborted.ts';

/** The status and headers of a response. It has no body, because reading the body would take it from the caller. */
export type ResponseHead = Pick<Response, 'headers' | 'ok' | 'redirected' | 'status' | 'statusText' | 'type' | 'url'>;

/** Options of `sessionFetch()`. */
export interface SessionFetchOptions {
  /**
   * The origins that may see the token, such as `https://api.example.com`: one or more. Scheme, host and port must be equal. The page's
   * own origin is trusted only if it is listed.
   */
  readonly trustedOrigins: readonly string[];
  /**
   * Whether a response means that the server refused the request because of its token: then the session refreshes, and the request is
   * resent. The function sees status and headers only, because the caller may read the body as a stream. If the function throws or
   * returns a promise, the response does not count as refused, and the session reports `callback-failed`.
   *
   * @defaultValue `({ status }) => status === 401`
   */
  isUnauthorized?(this: void, response: ResponseHead): boolean;
  /** The function that sends the requests. @defaultValue the global `fetch`, looked up for each send */
  readonly fetch?: typeof fetch;
}

/**
 * Makes a `fetch` whose requests belong to a session: a request waits while a refresh runs that it needs, gets the token, and is resent
 * with the new token after a 401. For ky, ofetch, openapi-fetch, tRPC, the SDKs of AI services, EventSource packages, and by itself.
 * Requests to other origins, requests that bring their own credentials, and requests of `refresh` itself are passed to `fetch` as they are.
 *
 * A request belongs to the owner who is signed in at the call. It rejects with `SessionChangedError` if the owner changes before it is
 * sent, with `SessionExpiredError` or `RefreshFailedError` if the refresh that it waits for fails, with `BodyUsedError` if it would have to
 * be resent and its body can be read only once (a stream, or the body of a `Request`), and otherwise as `fetch` does. If the owner changes
 * after a response to a request with a token was returned, reading its body fails with `SessionChangedError`, or with
 * `SessionExpiredError` after a refused refresh.
 *
 * @throws InvalidInputError for an option of the wrong kind, if `trustedOrigins` is empty or holds a value that is no origin, or (in
 * development) for an unknown option
 * @example
 * ```ts
 * const api = sessionFetch(session, { trustedOrigins: ['https://api.example.com'] });
 * const response = await api('https://api.example.com/me');
 * const client = ky.create({ prefix: 'https://api.example.com', fetch: api });
 * ```
 */
export function sessionFetch<T extends TokenSet>(session: Session<T>, options: SessionFetchOptions): typeof fetch {
  const use = checked(session, options);
  const { internals } = use;
  // Await nothing before the lifecycle is made: it notes the owner at the call, and after an `await` somebody else may have signed in.
  return async (input, init) => {
    const given = init ?? {};
    const head = headOf(input, given);
    if (!head || !use.trusts(head.url) || internals.isOwnRequest(head.signal)) return use.send(input, init);
    const lifecycle = new RequestLifecycle(internals);
    return bringsOwnCredentials(head, internals)
      ? use.send(input, init)
      : drive(outgoingRequest(head, input, given), lifecycle, use);
  };
}

/** What all requests of one `sessionFetch` have in common. */
interface Use extends Sender {
  readonly internals: SessionInternals;
  readonly isUnauthorized: NonNullable<SessionFetchOptions['isUnauthorized']>;
}

/** Looks up the global `fetch` for each send, because mocks and instrumentation replace it. */
const platformFetch: typeof fetch = (input, init) => fetch(input, init);

function checked<T extends TokenSet>(session: Session<T>, options: SessionFetchOptions): Use {
  const internals = internalsOf(session);
  assertKnownOptions('sessionFetch()', options, ['trustedOrigins', 'isUnauthorized', 'fetch']);
  const given: Partial<SessionFetchOptions> = ownOptions(options);
  const { isUnauthorized = ({ status }) => status === 401, fetch: send = platformFetch } = given;
  assertOption('sessionFetch()', 'isUnauthorized', isUnauthorized);
  assertOption('sessionFetch()', 'fetch', send);
  const origins = checkedOrigins(given.trustedOrigins);
  if (origins.length === 0)
    throw new InvalidInputError('sessionFetch(): trustedOrigins takes one origin or more; given: none.');
  return { internals, send, isUnauthorized, trusts: (url) => origins.includes(originOf(url) ?? '') };
}

/**
 * Keeps the caller's `Request` alive as long as the body of its response. In Node, the signal of a `Request` follows the caller's signal
 * only while the `Request` is alive: once it was garbage-collected, the caller could not abort the body any more.
 */
const signalled = new WeakMap<ReadableStream, Request>();

/** Takes one request from its call to its outcome: waits, authorizes, sends, and resends after a 401. */
async function drive(request: OutgoingRequest, lifecycle: RequestLifecycle, use: Use): Promise<Response> {
  const { copy, signal } = request;
  let refused: Response | undefined;
  lifecycle.begin();
  try {
    for (;;) {
      throwIfAborted(signal);
      for (let wait$ = lifecycle.waitBeforeSend(); wait$; wait$ = lifecycle.waitBeforeSend())
        await unlessAborted(wait$, signal);
      if (refused && !lifecycle.hasOtherOwner) refuseUsedBody(request, refused);
      lifecycle.noteSent();
      const authorization = await authorizationOf(request, lifecycle, use);
      const controller = new AbortController();
      const { response, hasSeenToken } = await send(request, authorization ?? {}, controller, use);
      // A nonce belongs to the origin that sent it, and redirects may have led to another origin.
      if (authorization && hasSeenToken)
        use.internals.noteNonce({ method: request.method, url: response.url || request.url }, response);
      const isRefused =
        authorization && hasSeenToken && saysUnauthorized(use.internals, () => use.isUnauthorized(response));
      const retryWait$ = isRefused ? lifecycle.waitAfterUnauthorized(response) : null;
      if (!retryWait$) {
        if (authorization && Object.keys(authorization).length > 0)
          endWithOwner(response, controller, use.internals, lifecycle);
        if (request.original && response.body) signalled.set(response.body, request.original);
        return response;
      }
      freeBody(response.body);
      refused = response;
      lifecycle.noteRecovery(await unlessAborted(retryWait$, signal));
    }
  } catch (error) {
    // As `fetch` does, free the body of a request that was not sent. If it was sent, its body is locked, and nothing happens.
    freeBody(copy ? copy.body : request.init.body, error);
    throw error;
  } finally {
    lifecycle.end();
  }
}

/** Returns the token's headers, or `null` if the request brings its own credentials: then a 401 says nothing about the token. */
async function authorizationOf(
  request: OutgoingRequest,
  lifecycle: RequestLifecycle,
  { internals }: Use,
): Promise<RequestHeaders | null> {
  // Check again after the wait: while the session was being restored, it was unknown which headers carry the token, and the caller's own
  // value of such a header must be kept.
  if (bringsOwnCredentials(request, internals)) return null;
  const made = internals.authorization(request);
  // If `authorize` itself has aborted the request, nothing listens to its promise: do not let the rejection be reported as unhandled.
  if (made instanceof Promise) made.catch(() => undefined);
  const authorization = made instanceof Promise ? await unlessAborted(from(made), request.signal) : made;
  // While `authorize` made the headers, the caller may have aborted the request, or its owner may have signed out. Do not send it then:
  // nobody wants the response of the first, and the second would carry the token of somebody who has left.
  throwIfAborted(request.signal);
  lifecycle.assertOwner();
  return Object.keys(authorization).some((name) => request.headers.has(name)) ? null : authorization;
}

function bringsOwnCredentials(head: RequestHead, internals: SessionInternals): boolean {
  return bringsCredentials(internals, head, (name) => head.headers.has(name));
}
