import { InvalidInputError } from '../session/index.ts';

/**
 * Adds the token's headers to the caller's.
 *
 * @throws InvalidInputError for a value that cannot be a header's; the platform's own error would quote the token
 */
export function withToken(callers: Headers, authorization: Record<string, string>): Headers {
  const headers = new Headers(callers);
  for (const [name, value] of Object.entries(authorization)) {
    try {
      headers.set(name, value);
    } catch {
      throw new InvalidInputError(`authorize gives ${name} a value that cannot stand in a header.`);
    }
  }
  return headers;
}
