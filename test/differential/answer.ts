/**
 * What the recording server is to answer. It is encoded in the path of a request, so that each request names its own
 * response.
 */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The `Content-Encoding` of the body. */
  readonly encoding?: 'gzip' | 'deflate' | 'br';
  /** Another response, as the `Location` on this server or on its second port. */
  readonly redirect?: { readonly to: Answer; readonly elsewhere?: boolean };
  /** Breaks the connection before the head, or in the middle of the body. */
  readonly breaks?: 'before' | 'within';
  readonly delayMs?: number;
  /** Answers with JSON that contains the method of the request. */
  readonly echo?: boolean;
}

export function pathOf(answer: Answer): string {
  return `/${encodeURIComponent(JSON.stringify(answer))}`;
}

const records = '/records/';

/** Where a page reads what the server has received for a run. A thread asks by a message instead. */
export const recordsPath = (run: string): string => records + run;

/** Returns the run whose records this path asks for; `undefined` for any other path. */
export const recordsAsked = (path = ''): string | undefined =>
  path.startsWith(records) ? path.slice(records.length) : undefined;

/** What the server received. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  /** The headers as received: names in their own case, in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body in base 64. */
  readonly body: string;
  /** Whether the request came to the second port. */
  readonly isElsewhere: boolean;
}
