import axios from 'axios';
import type { AuthServer } from '../../support/auth-server.ts';
import type { AppSetup, Ask, Tokens } from '../driver.ts';
import { StatusError } from '../outcome.ts';

/** What the server answers to a refresh. */
export interface TokenBody {
  readonly jwtToken: string;
  readonly refreshToken?: string;
  readonly expiresIn?: number;
}

/** As apps write it: nothing is checked. */
function tokensOf({ jwtToken, refreshToken, expiresIn }: TokenBody): Tokens {
  return {
    accessToken: jwtToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(expiresIn !== undefined && { expiresAt: Date.now() + expiresIn * 1000 }),
  };
}

/** How a refresh goes over the wire: gives the body of a success, throws otherwise. */
export type Post = (url: string, body: unknown, signal: AbortSignal | undefined) => Promise<TokenBody>;

export function askBy({ url: base }: AuthServer, post: Post): Ask {
  return async (refreshToken, { signal, url = `${base}/api/refresh-token` } = {}) =>
    tokensOf(await post(url, { refreshToken }, signal));
}

/** By the global axios. */
export const postByAxios: Post = async (url, body, signal) => {
  const { data } = await axios.post<TokenBody>(url, body, { ...(signal && { signal }) });
  return data;
};

/** By a `fetch`. */
export function postBy(send: typeof fetch): Post {
  return async (url, body, signal) => {
    const response = await send(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
    if (!response.ok) {
      const data = (await response.json().catch(() => null)) as unknown;
      throw Object.assign(new StatusError(response.status, data), { headers: response.headers });
    }
    return (await response.json()) as TokenBody;
  };
}

export const postByFetch: Post = postBy((url, init) => fetch(url, init));

/** By the client that the refresh is for, after having awaited something. */
export function postLater(post: Post): Post {
  return async (...call) => {
    await Promise.resolve();
    return post(...call);
  };
}

/** One refresh of the app, which the scenario may have replaced. */
export function refreshOf({ refresh }: AppSetup, current: Tokens | null, ask: Ask): Tokens | Promise<Tokens> {
  return refresh ? refresh(current, ask) : ask(current?.refreshToken);
}

/** Where an app without a library for it keeps its tokens. An answer without a refresh token leaves the old one. */
export function tokenBox(initial: Tokens | null): {
  get(): Tokens | null;
  set(tokens: Tokens | null): void;
  merge(tokens: Tokens): void;
} {
  let kept = initial;
  return {
    get: () => kept,
    set: (tokens) => {
      kept = tokens;
    },
    merge: (tokens) => {
      kept = { ...kept, ...tokens };
    },
  };
}
