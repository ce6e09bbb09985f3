import { defer, map, timer, type Observable } from 'rxjs';
import type { SessionOptions, TokenSet } from 'sluice/session';
import { refusal, unauthorized } from './fixture.ts';

export interface RotatingServer {
  login(user?: string): TokenSet;
  /** The app's `refresh`: the server rotates at once, and answers after `ms`. */
  refresh(ms?: number): SessionOptions['refresh'];
  /** The response of an API to a request with this access token: its user, or 401. */
  respond(this: void, token: string | undefined): Observable<string>;
  /** Expires all access tokens that were issued so far. */
  expireAccess(): void;
  /** Ends all sign-ins: refresh tokens are refused from now on. */
  endSignIns(): void;
  /** Makes the API reject every token from now on. */
  rejectAll(): void;
  /** Every refresh token that was presented, in order. */
  readonly presented: string[];
  /** The refresh tokens that were presented again. Each of them has ended its sign-in. */
  readonly reused: string[];
}

interface Family {
  readonly user: string;
  newest: number;
  isOver: boolean;
}

/**
 * An authorization server in virtual time that rotates refresh tokens and ends a sign-in whose refresh token is used
 * again.
 */
export function rotatingServer(): RotatingServer {
  const families = new Map<string, Family>();
  const dead = new Set<string>();
  let live: string[] = [];
  let rejectsAll = false;

  const issue = (name: string, family: Family): TokenSet => {
    family.newest += 1;
    const accessToken = `access-${name}-${family.newest}`;
    live.push(accessToken);
    return { accessToken, refreshToken: `refresh-${name}-${family.newest}` };
  };
  const present = (refreshToken = ''): TokenSet => {
    if (server.presented.includes(refreshToken)) server.reused.push(refreshToken);
    server.presented.push(refreshToken);
    const [, name = '', n] = /^refresh-(.*)-(\d+)$/.exec(refreshToken) ?? [];
    const family = families.get(name);
    if (!family || family.isOver || family.newest !== Number(n)) {
      if (family) family.isOver = true;
      throw refusal;
    }
    return issue(name, family);
  };

  const server: RotatingServer = {
    presented: [],
    reused: [],
    login(user = 'ada') {
      const name = `${user}${families.size + 1}`;
      const family: Family = { user, newest: 0, isOver: false };
      families.set(name, family);
      return issue(name, family);
    },
    refresh:
      (ms = 0) =>
      (current) =>
        defer(() => {
          let answer: () => TokenSet;
          try {
            const tokens = present(current?.refreshToken);
            answer = () => tokens;
          } catch (error) {
            answer = () => {
              throw error;
            };
          }
          return timer(ms).pipe(map(answer));
        }),
    respond(token = '') {
      const name = /^access-(.*)-\d+$/.exec(token)?.[1] ?? '';
      const family = families.get(name);
      const isGood = family && !dead.has(token) && !rejectsAll;
      return isGood ? timer(1).pipe(map(() => family.user)) : timer(1).pipe(map(() => rejection()));
    },
    expireAccess() {
      for (const token of live) dead.add(token);
      live = [];
    },
    endSignIns() {
      for (const family of families.values()) family.isOver = true;
    },
    rejectAll() {
      rejectsAll = true;
    },
  };
  return server;
}

function rejection(): never {
  throw unauthorized;
}
