import { isOneShot } from '../session/internal.ts';
import { ownBody } from './own-body.ts';

/** The parts of a request that can be read while its body stays unused. */
export interface RequestHead {
  /** In upper case. */
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** The caller's headers, without the token's. */
  readonly headers: Headers;
  readonly signal: AbortSignal | null | undefined;
}

/** A request that may be sent several times. */
export interface OutgoingRequest extends RequestHead {
  /** The `Request` that the caller passed, if any. */
  readonly original: Request | undefined;
  /** A copy of that `Request` for all sends. It takes the body over at the call, as `fetch` does. */
  readonly copy: Request | undefined;
  /** The caller's options, with a copy of the body if it can be copied, or without a body that `copy` has taken over. */
  readonly init: RequestInit;
}

/**
 * Returns the first value that is a `Request`. Looks for properties of one, because `instanceof` would miss a `Request` of another
 * implementation, such as the package undici.
 */
const requestIn = (...values: unknown[]): Request | undefined =>
  values.find(
    (value): value is Request => typeof value === 'object' && value !== null && 'bodyUsed' in value && 'url' in value,
  );

/**
 * Returns method, URL, headers and signal of a request, without using its body. `undefined` for arguments that `fetch` would refuse: the
 * caller then passes them to `fetch`, whose error says what is wrong.
 */
export function headOf(input: RequestInfo | URL, init: RequestInit): RequestHead | undefined {
  const request = requestIn(input);
  const { headers = request?.headers, signal = request?.signal, method = request?.method ?? 'GET' } = init;
  try {
    return {
      method: method.toUpperCase(),
      url: (request ?? new Request(input)).url,
      headers: new Headers(headers),
      signal,
    };
  } catch {
    return undefined;
  }
}

/**
 * Prepares a request so that it can be sent several times.
 *
 * @throws TypeError for what `fetch` would refuse, such as a `Request` whose body has been read
 */
export function outgoingRequest(head: RequestHead, input: RequestInfo | URL, init: RequestInit): OutgoingRequest {
  const { body, ...rest } = init;
  const original = requestIn(input, init);
  // A body without a `Request` is left where it is: the app's `fetch`, such as that of node-fetch, may not know the platform's `Request`.
  const copy = original && new (classOf(original))(input, init);
  const isTaken = body == null || (copy && isOneShot(body));
  return { ...head, original, copy, init: isTaken ? rest : { ...rest, body: ownBody(body) } };
}

/** Returns the class that can copy a `Request`: for one of another implementation, such as the package undici, it is its own class. */
function classOf(given: object): typeof Request {
  return given instanceof Request ? Request : (given.constructor as typeof Request);
}
