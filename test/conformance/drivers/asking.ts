import axios from 'axios';
import type { AuthServer } from '../../support/auth-server.ts';
import type { AppSetup, Ask, Tokens } from '../driver.ts';
import { StatusError } from '../outcome.ts';

/** The body of the response to a refresh. */
export interface TokenBody {
  readonly jwtToken: string;
  readonly refreshToken?: string;
  readonly expiresIn?: number;
}

/** Maps a response to tokens without checking it, as most apps do. */
function tokensOf({ jwtToken, refreshToken, expiresIn }: TokenBody): Tokens {
  return {
    accessToken: jwtToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(expiresIn !== undefined && { expiresAt: Date.now() + expiresIn * 1000 }),
  };
}

/** Sends the request of a refresh. Resolves with the body of a success, and rejects otherwise. */
export type Post = (url: string, body: unknown, signal: AbortSignal | undefined) => Promise<TokenBody>;

export function askBy({ url: base }: AuthServer, post: Post): Ask {
  return async (refreshToken, { signal, url = `${base}/api/refresh-token` } = {}) =>
    tokensOf(await post(url, { refreshToken }, signal));
}

/** Sends by the global axios. */
export const postByAxios: Post = async (url, body, signal) => {
  const { data } = await axios.post<TokenBody>(url, body, { ...(signal && { signal }) });
  return data;
};

/** Sends by the given `fetch`. */
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

/** Sends after an `await`, when the call stack no longer shows that `refresh` makes the request. */
export function postLater(post: Post): Post {
  return async (...call) => {
    await Promise.resolve();
    return post(...call);
  };
}

/** Calls the app's refresh, which the scenario may have replaced. */
export function refreshOf({ refresh }: AppSetup, current: Tokens | null, ask: Ask): Tokens | Promise<Tokens> {
  return refresh ? refresh(current, ask) : ask(current?.refreshToken);
}

/** Keeps the tokens of an app whose library does not. `merge` keeps the old refresh token if the new tokens have none. */
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
