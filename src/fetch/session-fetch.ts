import { from } from 'rxjs';
import { InvalidInputError, type Session, type TokenSet } from '../session/index.ts';
import {
  assertKnownOptions,
  bringsCredentials,
  checkedOrigins,
  internalsOf,
  kindOf,
  originOf,
  type RequestHeaders,
  RequestLifecycle,
  type SessionInternals,
} from '../session/internal.ts';
import { refuseUsedBody } from './body-used.ts';
import { discardBody } from './discard-body.ts';
import { endWithOwner } from './end-with-owner.ts';
import type { Sender } from './follow-redirects.ts';
import { headOf, type OutgoingRequest, outgoingRequest, type RequestHead } from './outgoing-request.ts';
import { send } from './send.ts';
import { throwIfAborted, unlessAborted } from './unless-aborted.ts';

/** What is known of an answer before its body is read. */
export type ResponseHead = Pick<Response, 'headers' | 'ok' | 'redirected' | 'status' | 'statusText' | 'type' | 'url'>;

/** How a `fetch` and a session work together. */
export interface SessionFetchOptions {
  /**
   * The origins that may see the token, such as `https://api.example.com`, at least one. Compared whole: scheme, host and port. The
   * page's own is trusted only if it is listed.
   */
  readonly trustedOrigins: readonly string[];
  /**
   * Whether an answer means that its request was refused for want of a good token. It decides by status and headers: the body is the
   * caller's, who may read it as a stream. One that throws means no.
   *
   * @defaultValue `({ status }) => status === 401`
   */
  isUnauthorized?(this: void, response: ResponseHead): boolean;
  /** What sends the requests. @defaultValue the global `fetch`, looked up for each send */
  readonly fetch?: typeof fetch;
}

/**
 * A `fetch` whose requests belong to a session: they are held while a refresh runs that they need, get the token, and are sent again
 * with the new one after a 401. For ky, ofetch, openapi-fetch, tRPC, the SDKs of AI services, EventSource packages, and by itself.
 *
 * A request belongs to the person who is signed in at the call. It rejects with `SessionChangedError` if that changes before it is sent,
 * with `BodyUsedError` if it would have to be sent again and its body could be read only once (a stream, or the body of a `Request`),
 * with the failure of the refresh that it waits for, and else as `fetch` does. Requests to other origins, those that bring credentials
 * of their own, and those that `refresh` makes itself go to `fetch` as they are.
 *
 * @throws InvalidInputError for trusted origins that are none, or (in development) an unknown option
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
  // Runs as far as its first await at the call, so that the owner is the one of the call.
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

interface Use extends Sender {
  readonly internals: SessionInternals;
  readonly isUnauthorized: NonNullable<SessionFetchOptions['isUnauthorized']>;
}

/** Looked up for each send: mocks and instrumentation replace it. */
const platformFetch: typeof fetch = (input, init) => fetch(input, init);

function checked<T extends TokenSet>(session: Session<T>, options: SessionFetchOptions): Use {
  const internals = internalsOf(session);
  const given: Partial<SessionFetchOptions> = { ...options };
  assertKnownOptions('sessionFetch()', given, ['trustedOrigins', 'isUnauthorized', 'fetch']);
  const { isUnauthorized = ({ status }) => status === 401, fetch: send = platformFetch } = given;
  for (const [name, value] of Object.entries({ isUnauthorized, fetch: send }))
    if (typeof value !== 'function')
      throw new InvalidInputError(`sessionFetch(): ${name} takes a function; given: ${kindOf(value)}.`);
  const origins = checkedOrigins(given.trustedOrigins);
  if (origins.length === 0)
    throw new InvalidInputError('sessionFetch(): trustedOrigins takes one origin or more; given: none.');
  return { internals, send, isUnauthorized, trusts: (url) => origins.includes(originOf(url) ?? '') };
}

/**
 * The `Request` of each body that may be read yet. Node's signal of a `Request` follows the caller's only while the `Request` is alive:
 * without this, it could be collected, and the body could not be aborted any more.
 */
const signalled = new WeakMap<ReadableStream, Request>();

/** One request, from the call to its outcome. */
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
      // Of the origin that it comes from: redirects may have led to another.
      if (authorization && hasSeenToken)
        use.internals.noteNonce({ method: request.method, url: response.url || request.url }, response);
      const isRefused = authorization && hasSeenToken && meansUnauthorized(response, use);
      const retryWait$ = isRefused ? lifecycle.waitAfterUnauthorized(response) : null;
      if (!retryWait$) {
        if (authorization && Object.keys(authorization).length > 0)
          endWithOwner(response, controller, use.internals, lifecycle);
        if (request.original && response.body) signalled.set(response.body, request.original);
        return response;
      }
      discardBody(response);
      refused = response;
      lifecycle.noteRecovery(await unlessAborted(retryWait$, signal));
    }
  } catch (error) {
    // `fetch` ends the body of a request that it does not send. One that has been sent has its reader.
    copy?.body?.cancel(error).catch(() => undefined);
    throw error;
  } finally {
    lifecycle.end();
  }
}

function meansUnauthorized(response: Response, { isUnauthorized }: Use): boolean {
  try {
    return isUnauthorized(response);
  } catch {
    return false;
  }
}

/** The headers that carry the token; `null` if the request brings credentials of its own, whose 401 says nothing of the session's. */
async function authorizationOf(
  request: OutgoingRequest,
  lifecycle: RequestLifecycle,
  { internals }: Use,
): Promise<RequestHeaders | null> {
  // Asked again, since the session may have been restored: only then is it known which headers carry the token.
  if (bringsOwnCredentials(request, internals)) return null;
  const made = internals.authorization(request);
  const authorization = made instanceof Promise ? await unlessAborted(from(made), request.signal) : made;
  // The owner may have changed, and the caller have left, while a proof was made.
  throwIfAborted(request.signal);
  lifecycle.assertOwner();
  return Object.keys(authorization).some((name) => request.headers.has(name)) ? null : authorization;
}

function bringsOwnCredentials(head: RequestHead, internals: SessionInternals): boolean {
  return bringsCredentials(internals, head, (name) => head.headers.has(name));
}
