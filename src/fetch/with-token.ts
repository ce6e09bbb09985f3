import { InvalidInputError } from '../session/index.ts';

/** @throws InvalidInputError for what cannot stand in a header; the platform's own error would quote the token */
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
