/** The matcher that `expect.objectContaining()` and similar functions of Vitest, Jest and Jasmine return. */
interface AsymmetricMatcher {
  asymmetricMatch(value: unknown): unknown;
}

/**
 * Whether a value is the expected one, by its content and not by its class; a property that is `undefined` counts as absent. If the
 * expected value is a matcher of Vitest, Jest or Jasmine, such as `expect.any(Date)`, that matcher decides.
 */
export function isSame(actual: unknown, expected: unknown): boolean {
  return compare(actual, expected, false, []);
}

/** Whether a value has at least the expected properties. Of an expected error, only the name and the message are compared. */
export function isLike(actual: unknown, expected: unknown): boolean {
  if (expected instanceof Error && actual instanceof Error)
    return actual.name === expected.name && actual.message === expected.message;
  return compare(actual, expected, true, []);
}

/** @param path - the pairs of objects around this one. A pair in it counts as the same: otherwise a cycle would be compared for ever */
function compare(actual: unknown, expected: unknown, isPart: boolean, path: readonly [unknown, unknown][]): boolean {
  if (isMatcher(expected)) return Boolean(expected.asymmetricMatch(actual));
  if (Object.is(actual, expected)) return true;
  if (!isObject(actual) || !isObject(expected)) return false;
  if (path.some(([one, other]) => one === actual && other === expected)) return true;
  const inside = [...path, [actual, expected] as [unknown, unknown]];
  const same = (one: unknown, other: unknown): boolean => compare(one, other, isPart, inside);

  if (expected instanceof Date) return actual instanceof Date && actual.getTime() === expected.getTime();
  if (expected instanceof Map || expected instanceof Set)
    return actual.constructor === expected.constructor && same([...(actual as Set<unknown>)], [...expected]);
  if (Array.isArray(expected) !== Array.isArray(actual)) return false;
  // `keysOf` adds the name and message of an error, which are not enumerable: otherwise errors that differ only in these would be equal.
  const keys = new Set([...keysOf(expected), ...(isPart ? [] : keysOf(actual))]);
  // Objects of the platform keep their content where it has no keys: without this, all buffers and all URLs would be equal.
  if (!isPart && !(isShownByKeys(actual) && isShownByKeys(expected)))
    return tagOf(actual) === tagOf(expected) && same(contentOf(actual), contentOf(expected));
  return Array.from(keys).every((key) => same(read(actual, key), read(expected, key)));
}

/** Whether the keys of an object show its content. They do if it has any, and for empty objects, lists and bytes. */
function isShownByKeys(value: object): boolean {
  return keysOf(value).length > 0 || /^\[object (Object|Array|\w+\d+(Clamped)?Array)\]$/.test(tagOf(value));
}

const tagOf = (value: object): string => Object.prototype.toString.call(value);

/** Returns the content of an object without keys, for comparison. If it cannot be read, as that of a Blob, only the object itself is like it. */
function contentOf(value: object): unknown {
  if (/^\[object (Shared)?ArrayBuffer\]$/.test(tagOf(value))) return [...new Uint8Array(value as ArrayBuffer)];
  if (ArrayBuffer.isView(value)) return [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)];
  if (Symbol.iterator in value) return [...(value as Iterable<unknown>)];
  // The text of a Blob says nothing about its content: compare it by identity.
  const hasText = /^\[object (URL|RegExp|Date|Number|String|Boolean|BigInt)\]$/.test(tagOf(value));
  return hasText ? (value as URL).toString() : Symbol();
}

function keysOf(value: object): string[] {
  return value instanceof Error ? [...Object.keys(value), 'name', 'message'] : Object.keys(value);
}
const read = (value: object, key: string): unknown => (value as Record<string, unknown>)[key];
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function isMatcher(value: unknown): value is AsymmetricMatcher {
  return typeof (value as Partial<AsymmetricMatcher> | null | undefined)?.asymmetricMatch === 'function';
}
