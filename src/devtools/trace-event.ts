/** What all events of a request say about it. */
export interface TracedRequest {
  /** The number of the request. All its events have it, and no other request does. */
  readonly id: number;
  /** The method, in upper case. */
  readonly method: string;
  /** The origin that the request goes to, such as `https://api.example.com`; empty if it is unknown. */
  readonly origin: string;
  /** The path, such as `/users/7`: without the query, which may hold secrets, and without user name and password. */
  readonly path: string;
  /** How often the request has been sent so far. */
  readonly attempt: number;
  /** When it happened, in epoch milliseconds. */
  readonly at: number;
}

/** How long a request took. */
export interface RequestFigures {
  /** The time from the beginning of the request to its end, in milliseconds, 0 or more. */
  readonly durationMs: number;
  /** How much of it the request was held, in milliseconds, 0 or more. */
  readonly heldMs: number;
}

/** What happened to a request, by `type`. No event holds a token, a header, a query or a body. */
export type TraceEvent = TracedRequest &
  (
    | /** The request waits before it is sent, or sent again: for a refresh, or for the store to be read. */
      { readonly type: 'held' }
      /** The request is sent for the first time. */
    | { readonly type: 'sent' }
    /** The request is sent again, with a newer token, or with a newer nonce of the server for its DPoP proof. `attempt` is 2 or more. */
    | { readonly type: 'resent' }
    /** A response to the last send has arrived, with its body unless it is a stream. `durationMs` counts from that send. */
    | { readonly type: 'answered'; readonly status: number; readonly durationMs: number }
    /** The request has succeeded. If its response is a stream: the stream has ended, by itself, by its reader or by a change of owner. */
    | ({ readonly type: 'completed'; readonly status: number } & RequestFigures)
    /**
     * The request has failed. `error` is the code of the error, such as `ERR_BAD_REQUEST` or `session-expired`, otherwise its name;
     * `status` is that of the response, if there was one.
     */
    | ({ readonly type: 'failed'; readonly error: string; readonly status?: number } & RequestFigures)
    /** The request was aborted: its subscriber has unsubscribed, or its signal was aborted. */
    | ({ readonly type: 'cancelled' } & RequestFigures)
  );

type Omitting<E, K extends PropertyKey> = E extends unknown ? Omit<E, K> : never;
/** A `TraceEvent` without the properties that all events have, such as `id`, `path` and `at`. */
export type TraceNotice = Omitting<TraceEvent, keyof TracedRequest>;
