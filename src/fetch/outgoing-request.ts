import { isOneShot } from '../session/internal.ts';

/** What `fetch` would send, as far as it can be told without taking the body over. */
export interface RequestHead {
  /** In capitals. */
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** Of the caller alone. */
  readonly headers: Headers;
  readonly signal: AbortSignal | null | undefined;
}

/** A request, as often as it is sent. */
export interface OutgoingRequest extends RequestHead {
  /** The caller's own `Request`, if it is one. */
  readonly original: Request | undefined;
  /** Made at the call from a `Request`, and from a body that can be read only once: `fetch` takes those over at its call, too. */
  readonly copy: Request | undefined;
  readonly init: RequestInit;
}

const requestIn = (...values: unknown[]): Request | undefined =>
  values.find(
    (value): value is Request => typeof value === 'object' && value !== null && 'bodyUsed' in value && 'url' in value,
  );

/** `undefined` for what `fetch` would refuse: it says why. */
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

/** @throws TypeError for what `fetch` would refuse, such as a `Request` whose body has been read */
export function outgoingRequest(head: RequestHead, input: RequestInfo | URL, init: RequestInit): OutgoingRequest {
  const { body, ...rest } = init;
  const original = requestIn(input, init);
  const isOnce = isOneShot(body);
  const copy = original || isOnce ? new (classOf(original))(input, init) : undefined;
  return { ...head, original, copy, init: isOnce ? rest : { ...init } };
}

/** A `Request` of another implementation, such as undici's package, can be read by its own class only. */
function classOf(given: object | undefined): typeof Request {
  return given && !(given instanceof Request) ? (given.constructor as typeof Request) : Request;
}
