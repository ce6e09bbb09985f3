import { readProperty } from './read-property.ts';

// The two patterns are made in function calls that are marked as pure. Otherwise bundlers would keep them even in bundles that do not use
// `conceal`.
const NAMES = 'token|jwt|secret|passw|assertion|authorization|cookie';
const secretName = /* @__PURE__ */ (() => new RegExp(`${NAMES}|^(access|refresh|rawheaders)$`, 'i'))();
/** Matches a secret's name and value in text: JSON, a form, a query, a header. The first group is what stays visible. */
const secretText = /* @__PURE__ */ (() =>
  new RegExp(
    `((?:${NAMES})\\w*["']?\\s*[:=]\\s*["']?(?:(?:bearer|basic|dpop) )?)(\\[[^\\]]*|{[^}]*|[^\\s"'&,;]+)`,
    'gi',
  ))();
/** Matches the properties under which HTTP clients keep the request as it was sent, with the token. Such an object is hidden. */
const transport = /^_?(req(uest)?|res|xhr|socket|client|https?agent)$/i;
/** Matches the properties under which HTTP clients keep the body of a response. Hidden as a whole for a 2xx: it may hold new tokens. */
const body = /^_?(data|body|text|error)$/;
/**
 * How many objects of an error are searched for tokens: more than the error of an HTTP client consists of. Properties that lead to further
 * objects become non-enumerable without a search, because a token in them would be logged.
 */
const MAX_OBJECTS = 500;

/**
 * Removes tokens from what loggers and error trackers show of an error. The error stays the same object, and code can still read it: a
 * property that holds a token becomes non-enumerable, and asterisks replace the token in messages and stacks.
 *
 * @param secrets - the known tokens. Others are recognised by the name of the property or parameter that holds them; the body of a 2xx
 * response is concealed as a whole
 * @returns the error, or `undefined` if it holds a token and cannot be changed; for a string, a copy in which asterisks replace the tokens
 */
export function conceal(error: unknown, secrets: readonly string[] = []): unknown {
  return new Concealer(secrets).shownOf(error);
}

class Concealer {
  readonly #secrets: readonly string[];
  readonly #seen = new Map<object, boolean>();
  #changes = 0;

  constructor(secrets: readonly string[]) {
    // Ignore secrets of 7 characters or less: no server issues such tokens, and an ordinary word of the message would be replaced by
    // asterisks.
    this.#secrets = secrets.flatMap((secret) => (secret.length > 7 ? [secret, encodeURIComponent(secret)] : []));
  }

  /** Returns what may be logged: a string without its tokens, or the value itself once its tokens are concealed. Otherwise `undefined`. */
  shownOf(value: unknown): unknown {
    if (typeof value === 'string') return this.#redact(value);
    return this.#isClean(value) || veil(value) ? value : undefined;
  }

  #redact(text: string): string {
    return this.#secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text).replace(secretText, '$1***');
  }

  /** Conceals what it can inside the value, and returns whether the value can be shown then. */
  #isClean(value: unknown): boolean {
    if (typeof value === 'string') return this.#redact(value) === value;
    if (typeof value !== 'object' || value === null) return true;
    const known = this.#seen.get(value);
    if (known !== undefined) return known;
    if (this.#seen.size > MAX_OBJECTS) return false;
    this.#seen.set(value, true);
    let isClean = false;
    try {
      isClean = this.#cleaned(value);
    } catch {
      // A value that cannot be read cannot be searched for tokens, so it is not shown.
    }
    this.#seen.set(value, isClean);
    return isClean;
  }

  #cleaned(value: object): boolean {
    if (ArrayBuffer.isView(value)) return this.#isClean(new TextDecoder().decode(value));
    // Loggers show the content of arrays, maps and headers even if their properties are not enumerable, so a single entry that holds a
    // token makes the whole value unclean.
    const { entries, toJSON } = value as Partial<Map<unknown, unknown>> & { toJSON?: unknown };
    if (typeof entries === 'function')
      return Array.from(entries.call(value), ([key, inner]) => this.#mayShow(key, inner)).every(Boolean);
    const isAnswer = Math.floor(Number(readProperty(value, 'status')) / 100) === 2;
    let isClean = true;
    for (const [key, inner] of Object.entries(value)) {
      if (this.#mayShow(key, inner) && !(isAnswer && body.test(key))) continue;
      this.#changes += 1;
      isClean = Reflect.defineProperty(value, key, { enumerable: false }) && isClean;
    }
    // `fetch`'s Request and Response have getters in place of own properties, and loggers show the values of the getters.
    for (const key of ['headers', 'url'])
      if (!Object.hasOwn(value, key)) isClean = this.#isClean(readProperty(value, key)) && isClean;
    if (typeof readProperty(value, 'stack') === 'string')
      for (const key of ['message', 'stack', 'cause', 'errors']) isClean = this.#show(value, key) && isClean;
    if (!isClean || typeof toJSON !== 'function') return isClean;
    // `toJSON` returns a new object each time, so concealing tokens in that object has no effect. If it holds any, do not show the value.
    const changes = this.#changes;
    return this.#isClean(Reflect.apply(toJSON, value, [])) && this.#changes === changes;
  }

  #mayShow(key: unknown, value: unknown): boolean {
    const isObject = typeof value === 'object' && value !== null;
    const name = String(key);
    if ((isObject || typeof value === 'string') && secretName.test(name)) return false;
    return !(isObject && transport.test(name)) && this.#isClean(value);
  }

  /** Redacts a property that loggers show even if it is not enumerable, such as `message`. Returns whether the property is clean then. */
  #show(error: object, key: string): boolean {
    const value = readProperty(error, key);
    const shown = this.shownOf(value);
    return shown === value || Reflect.set(error, key, shown);
  }
}

/**
 * Makes loggers show a response as its class and status, such as `Response 401`, because its headers cannot be concealed. Returns
 * whether that worked.
 */
function veil(answer: unknown): boolean {
  const status = readProperty(answer, 'status');
  if (typeof status !== 'number') return false;
  const value = (): string => `${(answer as object).constructor.name} ${status}`;
  return ['toJSON', Symbol.for('nodejs.util.inspect.custom')].every((key) =>
    Reflect.defineProperty(answer as object, key, { value, configurable: true }),
  );
}
