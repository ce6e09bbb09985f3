// The lookbehind starts a match only at the first letter of a word. Without it, a long word that is no parameter would be scanned again
// from each of its letters, which takes quadratic time.
const parameter = /(?<![\w-])([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/**
 * Returns the error code of a `WWW-Authenticate` header if it says that the token is not the problem, such as `insufficient_scope`, so
 * that a refresh cannot help; `undefined` otherwise. A header may have several challenges, and a quoted string may contain anything, so
 * the function reads whole parameters instead of looking for the text `error=`.
 *
 * @see RFC 6750 section 3.1, RFC 9470 section 3
 */
export function nonTokenErrorOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const errors = Array.from(header.matchAll(parameter))
    .filter(([, name]) => name?.toLowerCase() === 'error')
    .map(([, , quoted, bare]) => quoted ?? bare);
  return errors.includes('invalid_token') ? undefined : errors[0];
}
