import { isSluiceError } from './errors.ts';
import { readProperty } from './read-property.ts';

/** The longest chain of causes that is read; a chain may lead back to its start. */
const MAX_CAUSES = 6;

/** An outcome, its `cause`, the cause of that, and so on. */
export function causesOf(outcome: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let at = outcome; at != null && causes.length < MAX_CAUSES; at = readProperty(at, 'cause')) causes.push(at);
  return causes;
}

/**
 * Where the server's answer may be: a fetch `Response` and the errors of ajax, Angular and undici are it themselves; those of axios,
 * fetch wrappers, superagent and got have it as `response`, those of simple-oauth2 as `output`. The same for what caused the error.
 */
function answersIn(outcome: unknown): unknown[] {
  return causesOf(outcome).flatMap((cause) => [cause, readProperty(cause, 'response'), readProperty(cause, 'output')]);
}

/** What an error, its answer and its causes have under these names, the error first. */
export function valuesOf(outcome: unknown, names: readonly string[]): unknown[] {
  return answersIn(outcome).flatMap((answer) => names.map((name) => readProperty(answer, name)));
}

/**
 * Whether a value is a fetch `Response`. Told by its shape, since undici, node-fetch, Expo and every realm have a class of their own.
 * What an API sends as JSON never looks like one: it has no methods.
 */
export function isFetchResponse(value: unknown): boolean {
  return (
    typeof readProperty(value, 'status') === 'number' &&
    typeof readProperty(value, 'ok') === 'boolean' &&
    typeof readProperty(readProperty(value, 'headers'), 'get') === 'function'
  );
}

/**
 * The HTTP status of an error or an answer, or of what caused it. `undefined` when there was no answer, for which Angular and ajax
 * say 0. The failure of a session has no status: it was not the request that now fails with it which the server answered.
 */
export function statusOf(outcome: unknown): number | undefined {
  if (causesOf(outcome).some(isSluiceError)) return undefined;
  return valuesOf(outcome, ['status', 'statusCode']).find(
    (status): status is number => typeof status === 'number' && status > 0,
  );
}

/**
 * A header of an error or an answer, or of what caused it; several values are joined as fetch joins them.
 *
 * @param name - in lower case
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
 * The body of an error or an answer. axios, ofetch and ky call it `data`, superagent, needle and got `body`, ajax `response`, Angular
 * `error`. Parsed: got leaves JSON as text. `undefined` for a fetch `Response`, whose body takes time to read.
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
  // node-fetch prints a warning when `data` of its response is read.
  return isFetchResponse(answer) ? undefined : (readProperty(answer, 'data') ?? readProperty(answer, 'body'));
}
