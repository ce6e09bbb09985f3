/** What the recording server is to answer. It stands in the path of a request, so that each request says itself what it gets. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** As `Content-Encoding`. */
  readonly encoding?: 'gzip' | 'deflate' | 'br';
  /** Another answer, as the `Location` here, or at another port of the server. */
  readonly redirect?: { readonly to: Answer; readonly elsewhere?: boolean };
  /** Breaks the connection before the head, or in the middle of the body. */
  readonly breaks?: 'before' | 'within';
  readonly delayMs?: number;
  /** JSON, with the method of the request in it. */
  readonly echo?: boolean;
}

export function pathOf(answer: Answer): string {
  return `/${encodeURIComponent(JSON.stringify(answer))}`;
}

/** What came to the server. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  /** As they came: names in their own case, in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** In base 64. */
  readonly body: string;
  /** At the other port. */
  readonly isElsewhere: boolean;
}
