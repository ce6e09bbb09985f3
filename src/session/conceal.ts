import { readProperty } from './read-property.ts';

// Pure calls of functions, because bundlers keep a string that is put together at the top of a module.
const NAMES = 'token|jwt|secret|passw|assertion|authorization|cookie';
const secretName = /* @__PURE__ */ (() => new RegExp(`${NAMES}|^(access|refresh|rawheaders)$`, 'i'))();
/** A name with its value in text: JSON, a form, a query, a header. */
const secretText = /* @__PURE__ */ (() =>
  new RegExp(
    `((?:${NAMES})\\w*["']?\\s*[:=]\\s*["']?(?:(?:bearer|basic|dpop) )?)(\\[[^\\]]*|{[^}]*|[^\\s"'&,;]+)`,
    'gi',
  ))();
/** Under these names transports keep the request as it was sent. */
const transport = /^_?(req(uest)?|res|xhr|socket|client|https?agent)$/i;
const body = /^_?(data|body|text|error)$/;
/** What an error of an HTTP client consists of, with room to spare. What lies beyond is concealed unseen. */
const MAX_OBJECTS = 500;

/**
 * Takes tokens out of what loggers and error trackers show of an error, which stays the same object and stays readable for code. A
 * property that holds one is made non-enumerable; in messages and stacks, asterisks take its place.
 *
 * @param secrets - tokens that are known; others are told by their names, and by being in the body of an answer with status 2xx
 * @returns the error, or `undefined` if it holds a token and cannot be changed
 */
export function conceal(error: unknown, secrets: readonly string[] = []): unknown {
  return new Concealer(secrets).shownOf(error);
}

class Concealer {
  readonly #secrets: readonly string[];
  readonly #seen = new Map<object, boolean>();
  #changes = 0;

  constructor(secrets: readonly string[]) {
    // A short one may be a word of the message. No server issues such tokens.
    this.#secrets = secrets.flatMap((secret) => (secret.length > 7 ? [secret, encodeURIComponent(secret)] : []));
  }

  /** The value, or what is to be shown in its place. */
  shownOf(value: unknown): unknown {
    if (typeof value === 'string') return this.#redact(value);
    return this.#isClean(value) || veil(value) ? value : undefined;
  }

  #redact(text: string): string {
    return this.#secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text).replace(secretText, '$1***');
  }

  /** Whether a value can be shown, after whatever can be concealed inside of it has been. */
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
      // It cannot even be read.
    }
    this.#seen.set(value, isClean);
    return isClean;
  }

  #cleaned(value: object): boolean {
    if (ArrayBuffer.isView(value)) return this.#isClean(new TextDecoder().decode(value));
    // Lists and maps show their content whatever their properties say.
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
    // What `fetch` makes shows what its class has getters for.
    for (const key of ['headers', 'url'])
      if (!Object.hasOwn(value, key)) isClean = this.#isClean(readProperty(value, key)) && isClean;
    if (typeof readProperty(value, 'stack') === 'string')
      for (const key of ['message', 'stack', 'cause', 'errors']) isClean = this.#show(value, key) && isClean;
    if (!isClean || typeof toJSON !== 'function') return isClean;
    // It is made anew each time.
    const changes = this.#changes;
    return this.#isClean(Reflect.apply(toJSON, value, [])) && this.#changes === changes;
  }

  #mayShow(key: unknown, value: unknown): boolean {
    const isObject = typeof value === 'object' && value !== null;
    const name = String(key);
    if ((isObject || typeof value === 'string') && secretName.test(name)) return false;
    return !(isObject && transport.test(name)) && this.#isClean(value);
  }

  /** These are shown of an error even where they are not enumerable. */
  #show(error: object, key: string): boolean {
    const value = readProperty(error, key);
    const shown = this.shownOf(value);
    return shown === value || Reflect.set(error, key, shown);
  }
}

/** Lets the kind and the status of an answer be shown in place of its headers. */
function veil(answer: unknown): boolean {
  const status = readProperty(answer, 'status');
  if (typeof status !== 'number') return false;
  const value = (): string => `${(answer as object).constructor.name} ${status}`;
  return ['toJSON', Symbol.for('nodejs.util.inspect.custom')].every((key) =>
    Reflect.defineProperty(answer as object, key, { value, configurable: true }),
  );
}
