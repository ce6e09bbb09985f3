import { inspect } from 'node:util';

export interface TokenSearch {
  /** Paths that need not be searched: `(path) => path.startsWith('$.request')`. */
  readonly skip?: (path: string) => boolean;
}

/**
 * Finds any of the tokens in `value`, as it is, URL-encoded or in Base64: in keys, strings and bytes of its
 * properties (enumerable or not, symbols, getters, inherited getters), of messages, stacks and causes, of maps and
 * sets, and in its forms as a string, as JSON and for the console.
 */
export function findTokens(value: unknown, tokens: readonly string[], { skip }: TokenSearch = {}): string[] {
  const needles = tokens.flatMap((token) => [
    token,
    encodeURIComponent(token),
    Buffer.from(token).toString('base64').replace(/=+$/, ''),
  ]);
  const found = new Set<string>();
  const seen = new Set<object>();
  const todo: [path: string, value: unknown][] = [['$', value]];

  const look = (path: string, text: string): void => {
    if (needles.some((needle) => text.includes(needle))) found.add(path);
  };

  // Grows during the search, so that the shortest path to an object is the one that is reported.
  for (const [path, current] of todo) {
    if (typeof current === 'string') look(path, current);
    if (!isObject(current) || seen.has(current)) continue;
    seen.add(current);
    if (seen.size > limit) throw new Error(`More than ${String(limit)} objects to search, now at ${path}; skip some.`);
    if (ArrayBuffer.isView(current)) {
      look(path, Buffer.from(current.buffer, current.byteOffset, current.byteLength).toString('latin1'));
      continue;
    }
    for (const [name, inner] of parts(current)) {
      const innerPath = `${path}${name}`;
      if (skip?.(innerPath)) continue;
      look(`key ${innerPath}`, name);
      todo.push([innerPath, inner]);
    }
  }

  // If parts are skipped, the rendering of the whole proves nothing.
  if (!skip) for (const [name, text] of renderings(value)) look(name, text);
  return [...found].sort();
}

/** Throws with the places where a token occurs; returns the empty list of them otherwise. */
export function expectNoToken(value: unknown, tokens: readonly string[], search?: TokenSearch): string[] {
  const found = findTokens(value, tokens, search);
  if (found.length > 0) throw new Error(`A token occurs at: ${found.join(', ')}`);
  return found;
}

const limit = 50_000;

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function* parts(value: object): Generator<[name: string, value: unknown]> {
  if (value instanceof Map) {
    let index = 0;
    for (const [key, item] of value as Map<unknown, unknown>) {
      yield [`<key ${String(index)}>`, key];
      yield [`<value ${String(index)}>`, item];
      index += 1;
    }
  }
  if (value instanceof Set) for (const item of value) yield ['<item>', item];
  // Headers and similar objects show their content only when iterated.
  if (value instanceof Headers || value instanceof URLSearchParams)
    for (const [key, item] of value) yield [`<${key}>`, item];
  for (const name of names(value))
    yield [typeof name === 'symbol' ? `[${String(name)}]` : `.${name}`, read(value, name)];
}

/** Own names, and the getters of its classes. */
function names(value: object): Set<string | symbol> {
  const all = new Set(Reflect.ownKeys(value));
  for (let proto = prototypeOf(value); proto && !builtIn.has(proto); proto = prototypeOf(proto))
    for (const name of Reflect.ownKeys(proto)) if (Object.getOwnPropertyDescriptor(proto, name)?.get) all.add(name);
  return all;
}

const builtIn: ReadonlySet<object> = new Set([Object.prototype, Function.prototype, Array.prototype]);
const prototypeOf = (value: object): object | null => Object.getPrototypeOf(value) as object | null;

function read(value: object, name: string | symbol): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return undefined;
  }
}

function* renderings(value: unknown): Generator<[name: string, text: string]> {
  const attempts = {
    'String()': () => String(value),
    'JSON.stringify()': () => JSON.stringify(value),
    'util.inspect()': () => inspect(value, { depth: 8, maxStringLength: null, maxArrayLength: null }),
  };
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      yield [name, attempt() ?? ''];
    } catch {
      // A value that cannot be rendered leaks nothing by being rendered.
    }
  }
}
