import { from, lastValueFrom, map } from 'rxjs';
import type { AuthorizeRequest, RequestHeaders, RequestTarget } from './authorize-request.ts';
import { headerOf } from './http-outcome.ts';
import { InvalidInputError } from './invalid-input-error.ts';
import { originOf } from './origins.ts';
import type { ResolvedOptions } from './session-options.ts';
import { kindOf, type TokenSet } from './token-set.ts';
import { isPromiseLike } from './token-store.ts';
import { withTimeout } from './with-timeout.ts';

/** Calls the app's `authorize` for each send, and keeps the nonces of servers, which `authorize` puts into its proofs (DPoP, RFC 9449). */
export class Authorizer<T extends TokenSet> {
  readonly #options: Pick<ResolvedOptions<T>, 'authorize' | 'refreshTimeoutMs'>;
  /** The newest nonce of each origin. Created when `authorize` first reads `nonce`, because few APIs use nonces. */
  #nonces: Map<string, string> | undefined;
  /** The names of the headers that `authorize` returned last; `undefined` until it has returned some. */
  names: readonly string[] | undefined;

  constructor(options: Pick<ResolvedOptions<T>, 'authorize' | 'refreshTimeoutMs'>) {
    this.#options = options;
  }

  /**
   * Returns the headers of one send; no headers if there are no tokens.
   *
   * @throws InvalidInputError if `authorize` returns no object, WaitTimeoutError if its promise takes longer than `refreshTimeoutMs`,
   * and whatever `authorize` throws
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

  /** Keeps the `DPoP-Nonce` of a response for the next proof, if `authorize` has ever read `nonce`: servers refuse an old nonce. */
  noteNonce(target: RequestTarget, answer: unknown): void {
    if (!this.#nonces) return;
    const nonce = headerOf(answer, 'dpop-nonce');
    if (nonce !== undefined) this.#nonces.set(originOf(target.url) ?? '', nonce);
  }

  #checked(headers: unknown): RequestHeaders {
    if (typeof headers !== 'object' || headers === null)
      throw new InvalidInputError(
        `authorize returns headers, such as { Authorization: 'Bearer …' }; given: ${kindOf(headers)}.`,
      );
    const names = Object.keys(headers);
    // Keep the same array while the names are the same: session-request compares arrays by identity to skip a second check of the
    // request's own headers.
    if (names.join() !== this.names?.join()) this.names = names;
    return headers as RequestHeaders;
  }
}

/** Computes each property when `authorize` reads it: an absolute URL takes time, and a read of `nonce` creates the map of nonces. */
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
