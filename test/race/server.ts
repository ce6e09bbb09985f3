import type { TokenSet } from 'sluice/session';
import type { Clock } from './clock.ts';

/** The lifetime of an access token. */
const LIFETIME_MS = 50_000;

/**
 * The server that issues tokens: it knows each token's sign-in and whether the token is dead. Its clock is always
 * right.
 */
export class Server {
  readonly #clock: Clock;
  readonly #hasRefreshTokens: boolean;
  /** How many tokens have been issued. */
  issued = 0;
  readonly #families = new Map<string, string>();
  readonly #diesAt = new Map<string, number>();
  readonly #expiresAt = new Map<string, number>();
  readonly #rejected = new Set<string>();

  constructor(clock: Clock, hasRefreshTokens: boolean) {
    this.#clock = clock;
    this.#hasRefreshTokens = hasRefreshTokens;
  }

  /** Issues new tokens of a sign-in, which `family` names. */
  issue(family: string): TokenSet {
    this.issued += 1;
    const expiresAt = this.#clock.now + LIFETIME_MS;
    const accessToken = `access ${this.issued}`;
    this.#families.set(accessToken, family);
    this.#diesAt.set(accessToken, this.#clock.elapsed + LIFETIME_MS);
    this.#expiresAt.set(accessToken, expiresAt);
    return { accessToken, ...(this.#hasRefreshTokens && { refreshToken: `refresh ${this.issued}` }), expiresAt };
  }
  familyOf(accessToken: string | null | undefined): string | null {
    return this.#families.get(accessToken ?? '') ?? null;
  }
  accepts(accessToken: string | null): boolean {
    return (
      accessToken !== null &&
      !this.#rejected.has(accessToken) &&
      this.#clock.elapsed < (this.#diesAt.get(accessToken) ?? 0)
    );
  }
  /** Makes the server reject this token from now on. */
  kill(accessToken: string): void {
    this.#rejected.add(accessToken);
  }
  /** Whether the token has expired by the clock of the machine that has it. */
  isExpired(accessToken: string): boolean {
    return this.#clock.now >= (this.#expiresAt.get(accessToken) ?? Infinity);
  }
}
