import { randomBytes } from 'node:crypto';

/** The state of a presented access token. `superseded`: a newer one was issued and only the newest is valid. */
export type TokenState = 'none' | 'unknown' | 'valid' | 'expired' | 'superseded';

export interface AccessToken {
  readonly value: string;
  readonly user: string;
  /** Grows by one with every access token of this user, from 1. */
  readonly generation: number;
  readonly expiresAt: number;
  readonly family: Family;
  dead: boolean;
  /** Whether the client has been sent it, so that from now on it should use no older one. */
  delivered: boolean;
}

/** All tokens that descend from one sign-in. */
export interface Family {
  readonly user: string;
  readonly access: AccessToken[];
  /** The refresh token that was issued last. */
  refreshToken: string;
  revoked: boolean;
}

export interface Presented {
  readonly family?: Family;
  readonly verdict: 'good' | 'unknown' | 'revoked' | 'reused';
}

/** Issues tokens and remembers all of them. */
export interface TokenBook {
  signIn(user: string): AccessToken;
  /** The result of presenting `refreshToken`. A reused one revokes its family: one that was rotated `graceMs` ago or earlier. */
  present(refreshToken: string): Presented;
  familyOf(refreshToken: string): Family | undefined;
  /** A new access token, and with `rotate` a new refresh token in place of the old one. */
  renew(family: Family, rotate: boolean): AccessToken;
  find(accessToken: string | undefined): AccessToken | undefined;
  judge(accessToken: string | undefined): TokenState;
  /** Whether the client had been sent a newer token than this one, or this one is dead. */
  isStale(accessToken: string | undefined): boolean;
  expireAccess(user?: string): number;
  revoke(user: string): number;
  /** Every token ever issued. */
  all(): string[];
}

export interface TokenBookOptions {
  readonly ttlMs: number;
  /** How long a refresh token is still good after its rotation. */
  readonly graceMs: number;
  readonly newestOnly: () => boolean;
  readonly now: () => number;
}

export function createTokenBook(options: TokenBookOptions): TokenBook {
  const accessTokens = new Map<string, AccessToken>();
  const refreshTokens = new Map<string, Family>();
  const rotatedAt = new Map<string, number>();
  const families: Family[] = [];
  const generations = new Map<string, number>();

  const secret = (kind: string, user: string): string => `${kind}-${user}-${randomBytes(12).toString('hex')}`;

  function issueAccess(family: Family): AccessToken {
    const { user } = family;
    const generation = (generations.get(user) ?? 0) + 1;
    generations.set(user, generation);
    const token: AccessToken = {
      value: secret(`access${String(generation)}`, user),
      user,
      generation,
      expiresAt: options.now() + options.ttlMs,
      family,
      dead: false,
      delivered: false,
    };
    accessTokens.set(token.value, token);
    family.access.push(token);
    return token;
  }

  function issueRefresh(family: Family): void {
    family.refreshToken = secret('refresh', family.user);
    refreshTokens.set(family.refreshToken, family);
  }

  const find = (value: string | undefined): AccessToken | undefined =>
    value === undefined ? undefined : accessTokens.get(value);

  function judge(value: string | undefined): TokenState {
    if (value === undefined) return 'none';
    const token = find(value);
    if (!token) return 'unknown';
    if (token.dead || token.expiresAt <= options.now()) return 'expired';
    return options.newestOnly() && token.generation < (generations.get(token.user) ?? 0) ? 'superseded' : 'valid';
  }

  return {
    signIn(user) {
      const family: Family = { user, access: [], refreshToken: '', revoked: false };
      families.push(family);
      issueRefresh(family);
      return issueAccess(family);
    },
    present(refreshToken) {
      const family = refreshTokens.get(refreshToken);
      if (!family) return { verdict: 'unknown' };
      if (family.revoked) return { family, verdict: 'revoked' };
      if (family.refreshToken === refreshToken) return { family, verdict: 'good' };
      if (options.now() < (rotatedAt.get(refreshToken) ?? 0) + options.graceMs) return { family, verdict: 'good' };
      family.revoked = true;
      return { family, verdict: 'reused' };
    },
    familyOf: (refreshToken) => refreshTokens.get(refreshToken),
    renew(family, rotate) {
      if (rotate) {
        rotatedAt.set(family.refreshToken, options.now());
        issueRefresh(family);
      }
      return issueAccess(family);
    },
    find,
    judge,
    isStale(value) {
      const token = find(value);
      if (!token) return false;
      const state = judge(value);
      return (
        state !== 'valid' || token.family.access.some((other) => other.delivered && other.generation > token.generation)
      );
    },
    expireAccess(user) {
      const dying = [...accessTokens.values()].filter(
        (token) => !token.dead && (user === undefined || token.user === user),
      );
      for (const token of dying) token.dead = true;
      return dying.length;
    },
    revoke(user) {
      const dying = families.filter((family) => family.user === user && !family.revoked);
      for (const family of dying) family.revoked = true;
      return dying.length;
    },
    all: () => [...accessTokens.keys(), ...refreshTokens.keys()],
  };
}
