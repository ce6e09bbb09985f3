/** A request as `authorize` sees it. Each property is computed when it is read, so one that is not used costs nothing. */
export interface AuthorizeRequest {
  /** The HTTP method in capitals, such as `GET`. */
  readonly method: string;
  /** The absolute URL that the request is sent to, with its query. */
  readonly url: string;
  /**
   * The newest `DPoP-Nonce` header in a response of the origin of `url`; `undefined` if no response has had one since `authorize` first
   * read this property.
   *
   * @see RFC 9449 section 8
   */
  readonly nonce: string | undefined;
}

/** The method and URL of a request, from the code that sends it. The session adds `nonce` and passes all three to `authorize`. */
export type RequestTarget = Omit<AuthorizeRequest, 'nonce'>;

/** HTTP headers: the value of each header by its name. */
export type RequestHeaders = Record<string, string>;
