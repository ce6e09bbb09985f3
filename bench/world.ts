/** What the server of a measurement knows and has seen: one user, short-lived access tokens, refresh tokens that rotate. */
export interface Seen {
  requests: number;
  /** Requests with the dead token that arrived while a refresh was running. */
  stale: number;
  refused: number;
  refreshes: number;
  /** Refreshes whose refresh token was not the newest. */
  reused: number;
  /** Requests that arrived after the first refresh. */
  resent: number;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface World {
  readonly seen: Seen;
  /** The current tokens. The access token is valid unless `expire` was called. */
  tokens(): Tokens;
  expire(): void;
  /** A refresh has begun: from now on a request with the dead token counts as stale, because it should have waited. */
  renewing(): void;
  /** The status that a request with this header gets. */
  judge(authorization: string | null | undefined): 200 | 401;
  /** Issues new tokens; `null` if the refresh token is not the newest. */
  rotate(refreshToken: string | undefined): Tokens | null;
}

export function world(): World {
  const seen: Seen = { requests: 0, stale: 0, refused: 0, refreshes: 0, reused: 0, resent: 0 };
  let n = 1;
  let valid = true;
  let renewing = false;
  const tokens = (): Tokens => ({ accessToken: `access-${n}`, refreshToken: `refresh-${n}` });
  return {
    seen,
    tokens,
    expire: () => {
      valid = false;
      renewing = false;
    },
    renewing: () => {
      renewing = true;
    },
    judge(authorization) {
      seen.requests += 1;
      if (seen.refreshes > 0) seen.resent += 1;
      if (valid && authorization === `Bearer access-${n}`) return 200;
      seen.refused += 1;
      if (renewing) seen.stale += 1;
      return 401;
    },
    rotate(refreshToken) {
      seen.refreshes += 1;
      if (refreshToken !== `refresh-${n}`) {
        seen.reused += 1;
        return null;
      }
      n += 1;
      renewing = false;
      valid = true;
      return tokens();
    },
  };
}
