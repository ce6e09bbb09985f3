/** A request as `authorize` sees it. What is not read costs nothing. */
export interface AuthorizeRequest {
  /** In capitals. */
  readonly method: string;
  /** Where it goes: absolute, with its query. */
  readonly url: string;
  /**
   * The newest `DPoP-Nonce` that the origin has answered with, if any.
   *
   * @see RFC 9449 section 8
   */
  readonly nonce: string | undefined;
}

/** Where a request goes, as its sender knows it. */
export type RequestTarget = Omit<AuthorizeRequest, 'nonce'>;

/** Names and values of headers. */
export type RequestHeaders = Record<string, string>;
