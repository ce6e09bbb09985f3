import { pause } from './real-time.ts';
import type { ServerRequest } from './server-request.ts';
import type { Watcher } from './watcher.ts';
import { describeWhere, matcher, type Where } from './where.ts';

/**
 * Where a request is held: `before` it is judged and handled, with its body read (the default: the response depends
 * on the server's state at release), or `after` that, with the response ready.
 */
export type GatePoint = 'before' | 'after';

export interface Hold {
  /** The first request that is held. Waits a limited time from when the property is read. */
  readonly arrived: Promise<ServerRequest>;
  /** Resolves with the requests held so far once there are `n` of them, including released ones. */
  waiting(n: number): Promise<ServerRequest[]>;
  /** How many are held now. */
  readonly held: number;
  /** Releases the `n` requests that came first, and goes on holding. */
  next(n?: number): void;
  /** Releases all requests, and holds no further ones. */
  release(): void;
}

export interface Gates {
  pass(point: GatePoint, request: ServerRequest): Promise<void>;
  delay(where: Where, ms: number, options?: { nth?: number; when?: GatePoint }): () => void;
  hold(where: Where, options?: { when?: GatePoint }): Hold;
}

type Rule = (point: GatePoint, request: ServerRequest) => Promise<void> | undefined;

export function createGates(watcher: Watcher, closing: AbortSignal): Gates {
  const rules = new Set<Rule>();

  return {
    async pass(point, request) {
      for (const rule of [...rules]) await rule(point, request);
    },

    delay(where, ms, { nth, when = 'before' } = {}) {
      const matches = matcher(where);
      let hits = 0;
      const rule: Rule = (point, request) => {
        if (point !== when || !matches(request)) return;
        hits += 1;
        return nth === undefined || nth === hits ? pause(ms, closing) : undefined;
      };
      rules.add(rule);
      return () => rules.delete(rule);
    },

    hold(where, { when = 'before' } = {}) {
      const matches = matcher(where);
      const seen: ServerRequest[] = [];
      const waiting: (() => void)[] = [];
      const rule: Rule = (point, request) => {
        if (point !== when || closing.aborted || !matches(request)) return;
        const gone = new Promise<void>((resolve) => waiting.push(resolve));
        seen.push(request);
        watcher.changed();
        return gone;
      };
      const letGo = (n: number): void => {
        for (const go of waiting.splice(0, n)) go();
      };
      const release = (): void => {
        rules.delete(rule);
        letGo(waiting.length);
      };
      const heldSoFar = (n: number): Promise<ServerRequest[]> =>
        watcher.until(`${String(n)} x ${describeWhere(where)} to be held`, () =>
          seen.length >= n ? [...seen] : undefined,
        );
      rules.add(rule);
      closing.addEventListener('abort', release);
      return {
        get arrived() {
          return heldSoFar(1).then(([first]) => first as ServerRequest);
        },
        waiting: heldSoFar,
        get held() {
          return waiting.length;
        },
        next: (n = 1) => {
          letGo(n);
        },
        release,
      };
    },
  };
}
