/** How many characters of a value a message shows. */
const LONGEST_SHOWN = 120;

/** Returns a value as JSON for a failure message: shortened, and without the strings of properties that are named like secrets. */
export function shown(value: unknown): string {
  if (value instanceof Error) return shownError(value);
  const text = asJson(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

function shownError(error: Error): string {
  const { code } = error as { readonly code?: unknown };
  return `${error.name}: ${error.message}${typeof code === 'string' ? ` (${code})` : ''}`;
}

function asJson(value: unknown): string {
  try {
    const text = JSON.stringify(value, (key, part: unknown) => {
      // Leave out the config of a response: it contains the body that was sent, which may be secret.
      if (/^(config|request)$/.test(key) && typeof part === 'object') return undefined;
      if (/token|authorization|cookie|password|secret/i.test(key) && typeof part === 'string') return '…';
      // JSON has neither, and all of them would be shown as `{}`.
      if (part instanceof Map) return Object.fromEntries(part) as unknown;
      return part instanceof Set ? [...(part as Set<unknown>)] : part;
    }) as string | undefined;
    return text ?? String(value);
  } catch {
    // The value has a cycle, or a `toJSON` that throws.
    return Object.prototype.toString.call(value);
  }
}

/**
 * Returns the URL of a request for a message: the path, with its origin in front if that is not the origin of the base URL, and the names
 * of the query's parameters without their values, which may be secrets.
 */
export function shownUrl(url: string, baseURL: string | undefined): string {
  const [beforeQuery = '', query = ''] = (url.split('#')[0] ?? '').split(/\?(.*)/s);
  // A user name and a password in the URL are credentials.
  const open = beforeQuery.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/]*@/i, '$1');
  const base = (baseURL ?? '').replace(/\/+$/, '');
  const path = base !== '' && open.startsWith(`${base}/`) ? open.slice(base.length) : open;
  const names = Array.from(new URLSearchParams(query).keys(), (name) => `${name}=…`);
  return names.length > 0 ? `${path}?${names.join('&')}` : path;
}
