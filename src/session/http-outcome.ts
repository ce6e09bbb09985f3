import { isSluiceError } from './errors.ts';
import { readProperty } from './read-property.ts';

/** How many errors of a chain of causes are read. A limit, because a chain may lead back to its start. */
const MAX_CAUSES = 6;

/** Returns the outcome (the error or the value that a request ended with), its `cause`, the `cause` of its `cause`, and so on. */
export function causesOf(outcome: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let at = outcome; at != null && causes.length < MAX_CAUSES; at = readProperty(at, 'cause')) causes.push(at);
  return causes;
}

/**
 * Returns the objects that may have the status, headers and body of the server's response: the outcome itself (a fetch `Response`, an error
 * of ajax, Angular or undici), its `response` (axios, fetch wrappers, superagent, got), its `output` (simple-oauth2), and the same three
 * of each of its causes.
 */
function answersIn(outcome: unknown): unknown[] {
  return causesOf(outcome).flatMap((cause) => [cause, readProperty(cause, 'response'), readProperty(cause, 'output')]);
}

/**
 * Returns the values of the properties with these names in an outcome, its response and its causes, those of the outcome first; `undefined`
 * for each property that is missing.
 */
export function valuesOf(outcome: unknown, names: readonly string[]): unknown[] {
  return answersIn(outcome).flatMap((answer) => names.map((name) => readProperty(answer, name)));
}

/**
 * Whether a value is a fetch `Response`. Recognised by its shape, because undici, node-fetch, Expo and every realm have a class of their
 * own. Parsed JSON never passes, because it has no methods.
 */
export function isFetchResponse(value: unknown): boolean {
  return (
    typeof readProperty(value, 'status') === 'number' &&
    typeof readProperty(value, 'ok') === 'boolean' &&
    typeof readProperty(readProperty(value, 'headers'), 'get') === 'function'
  );
}

/**
 * Returns the HTTP status of an error, of a response, or of their causes; `undefined` if there was no response, for which Angular and ajax
 * report 0. An error of Sluice has no status: the status in its cause is that of the refresh, and not of the request that fails with it.
 */
export function statusOf(outcome: unknown): number | undefined {
  if (causesOf(outcome).some(isSluiceError)) return undefined;
  return valuesOf(outcome, ['status', 'statusCode']).find(
    (status): status is number => typeof status === 'number' && status > 0,
  );
}

/** Matches the names of cancellations, and the axios codes of requests that could not be sent because they are invalid. */
const unsendable =
  /^((Abort|Cancel(ed)?)Error|ERR_(BAD_REQUEST|BAD_OPTION|BAD_OPTION_VALUE|INVALID_URL|NOT_SUPPORT|CANCELED))$/;

/**
 * Whether a request without a response was cancelled, or could not be sent because it is invalid: it would fail again. Must not be called
 * with an error that has a response: axios gives it one of the same codes, so that a 404 would seem unsendable.
 */
export function isUnsendable(error: unknown): boolean {
  return causesOf(error).some((cause) =>
    ['code', 'name'].some((key) => {
      const value = readProperty(cause, key);
      return typeof value === 'string' && unsendable.test(value);
    }),
  );
}

/**
 * Returns a header of an error, of a response, or of their causes. Several values are joined by `, ` as in fetch.
 *
 * @param name - the name in lower case
 */
export function headerOf(outcome: unknown, name: string): string | undefined {
  for (const answer of answersIn(outcome)) {
    const value = typeof answer === 'object' ? headerIn(answer, name) : undefined;
    if (typeof value === 'string') return value;
  }
  return undefined;
}

function headerIn(answer: unknown, name: string): unknown {
  const headers = readProperty(answer, 'headers');
  try {
    const get = readProperty(headers, 'get');
    if (typeof get === 'function') return Reflect.apply(get, headers, [name]) as unknown;
    const value =
      call(readProperty(answer, 'xhr'), 'getResponseHeader', name) ??
      readProperty(headers, Object.keys(headers ?? {}).find((key) => key.toLowerCase() === name) ?? name);
    return Array.isArray(value) ? value.join(', ') : value;
  } catch {
    return undefined;
  }
}

function call(target: unknown, method: string, argument: string): unknown {
  const callee = readProperty(target, method);
  return typeof callee === 'function' ? Reflect.apply(callee, target, [argument]) : undefined;
}

/**
 * Returns the body of an error or a response. JSON that the client has left as text, as got does, is parsed. axios, ofetch and ky call
 * the body `data`, superagent, needle and got `body`, ajax `response`, Angular `error`. `undefined` for a fetch `Response`, whose body
 * can only be read asynchronously.
 */
export function bodyOf(outcome: unknown): unknown {
  const [own, response] = answersIn(outcome);
  const body = readProperty(outcome, 'xhr')
    ? response
    : (bodyIn(own) ?? bodyIn(response) ?? readProperty(own, 'error'));
  try {
    return typeof body === 'string' ? (JSON.parse(body) as unknown) : body;
  } catch {
    return body;
  }
}

function bodyIn(answer: unknown): unknown {
  // Do not read `data` of a fetch Response: that of node-fetch would print a warning.
  return isFetchResponse(answer) ? undefined : (readProperty(answer, 'data') ?? readProperty(answer, 'body'));
}
