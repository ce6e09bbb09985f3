import { randomUUID } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';

/** The body of the response to a sign-in and to a refresh. */
export interface TokenAnswer {
  readonly jwtToken: string;
  readonly refreshToken: string;
}

/** Access tokens are JWTs that live for seconds; refresh tokens are good for one use, and a second use ends the family (RFC 9700). */
export class TokenBook {
  readonly #key = new TextEncoder().encode(randomUUID());
  readonly #lifetimeSeconds: number;
  readonly #families = new Map<string, { readonly user: string; current: string }>();
  readonly #familyOf = new Map<string, string>();
  /** Sign-ins and refreshes so far; a token that is older than `#oldest` is dead before its time. */
  #issued = 0;
  #oldest = 0;

  constructor(lifetimeSeconds: number) {
    this.#lifetimeSeconds = lifetimeSeconds;
  }

  login(user: string): Promise<TokenAnswer> {
    const family = randomUUID();
    this.#families.set(family, { user, current: '' });
    return this.#issue(family, user);
  }

  /** Issues new tokens for a refresh token that has not been used; `null` means that the response is `invalid_grant`. */
  async refresh(refreshToken: string): Promise<TokenAnswer | null> {
    const family = this.#familyOf.get(refreshToken);
    const known = family === undefined ? undefined : this.#families.get(family);
    if (family === undefined || !known) return null;
    if (known.current === refreshToken) return this.#issue(family, known.user);
    this.#families.delete(family);
    return null;
  }

  revoke(refreshToken: string): void {
    const family = this.#familyOf.get(refreshToken);
    if (family !== undefined) this.#families.delete(family);
  }

  /** Makes every access token that was issued so far invalid. */
  expire(): void {
    this.#oldest = this.#issued + 1;
  }

  /** The user of the token; `null` if the token is dead, forged or absent. */
  async userOf(authorization = ''): Promise<string | null> {
    try {
      const { payload } = await jwtVerify(authorization.replace(/^Bearer /, ''), this.#key);
      return Number(payload['n']) < this.#oldest ? null : (payload.sub ?? null);
    } catch {
      return null;
    }
  }

  async #issue(family: string, user: string): Promise<TokenAnswer> {
    const refreshToken = randomUUID();
    this.#familyOf.set(refreshToken, family);
    this.#families.set(family, { user, current: refreshToken });
    this.#issued += 1;
    const now = Math.floor(Date.now() / 1000);
    const jwtToken = await new SignJWT({ n: this.#issued })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(user)
      .setIssuedAt(now)
      .setExpirationTime(now + this.#lifetimeSeconds)
      .sign(this.#key);
    return { jwtToken, refreshToken };
  }
}
