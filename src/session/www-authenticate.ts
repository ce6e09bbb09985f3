// Begins at a word's first letter only: a long word that is no parameter is read once, and not again from each of its letters.
const parameter = /(?<![\w-])([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/**
 * The error code of a `WWW-Authenticate` header that no refresh can heal, or `undefined`. Several challenges may stand in one
 * header; a quoted string may hold anything, so whole parameters are read and not just the text `error=`.
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
