import { from, lastValueFrom, map } from 'rxjs';
import type { AuthorizeRequest, RequestHeaders, RequestTarget } from './authorize-request.ts';
import { InvalidInputError } from './errors.ts';
import { headerOf } from './http-outcome.ts';
import { originOf } from './origins.ts';
import type { ResolvedOptions } from './session-options.ts';
import { kindOf, type TokenSet } from './token-set.ts';
import { isPromiseLike } from './token-store.ts';
import { withTimeout } from './with-timeout.ts';

/** Makes the headers that carry the token, anew for each send, and keeps the nonces that go into them. */
export class Authorizer<T extends TokenSet> {
  readonly #options: Pick<ResolvedOptions<T>, 'authorize' | 'refreshTimeoutMs'>;
  /** The newest nonce of each origin. Made when `authorize` first asks for one: few APIs want them. */
  #nonces: Map<string, string> | undefined;
  /** The names of the headers that were made last; `undefined` until some have been made. */
  names: readonly string[] | undefined;

  constructor(options: Pick<ResolvedOptions<T>, 'authorize' | 'refreshTimeoutMs'>) {
    this.#options = options;
  }

  /**
   * The headers of one send; none without tokens.
   *
   * @throws InvalidInputError if `authorize` gives something else, `TimeoutError` if its promise takes too long, and what it throws itself
   */
  headers(tokens: T | null, target: RequestTarget): RequestHeaders | Promise<RequestHeaders> {
    if (!tokens) return {};
    const { authorize, refreshTimeoutMs } = this.#options;
    const request = new SeenRequest(target, () =>
      (this.#nonces ??= new Map<string, string>()).get(originOf(target.url) ?? ''),
    );
    const made: unknown = authorize(tokens, request);
    if (!isPromiseLike(made)) return this.#checked(made);
    const headers$ = from(made).pipe(
      withTimeout(refreshTimeoutMs),
      map((headers) => this.#checked(headers)),
    );
    return lastValueFrom(headers$);
  }

  /** Keeps the nonce that an answer brings, if `authorize` uses any. */
  noteNonce(target: RequestTarget, answer: unknown): void {
    if (!this.#nonces) return;
    const nonce = headerOf(answer, 'dpop-nonce');
    if (nonce !== undefined) this.#nonces.set(originOf(target.url) ?? '', nonce);
  }

  #checked(headers: unknown): RequestHeaders {
    if (typeof headers !== 'object' || headers === null)
      throw new InvalidInputError(
        `authorize gives headers, such as { Authorization: 'Bearer …' }; given: ${kindOf(headers)}.`,
      );
    const names = Object.keys(headers);
    // The same list as long as nothing changes: requests that were compared with it need not be compared again.
    if (names.join() !== this.names?.join()) this.names = names;
    return headers as RequestHeaders;
  }
}

/** What `authorize` does not read is not made. */
class SeenRequest implements AuthorizeRequest {
  readonly #target: RequestTarget;
  readonly #nonce: () => string | undefined;

  constructor(target: RequestTarget, nonce: () => string | undefined) {
    this.#target = target;
    this.#nonce = nonce;
  }
  get method(): string {
    return this.#target.method;
  }
  get url(): string {
    return this.#target.url;
  }
  get nonce(): string | undefined {
    return this.#nonce();
  }
}
