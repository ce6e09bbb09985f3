/**
 * A property of a value that may be anything, an error thrown by foreign code for example.
 *
 * @returns `undefined` if the value has no such property, if reading it throws (a getter, a revoked Proxy), and if it stands on
 * `Object.prototype` of whatever realm: otherwise a polluted prototype would pass for an answer of the server
 */
export function readProperty(from: unknown, key: PropertyKey): unknown {
  if (typeof from !== 'object' || from === null) return undefined;
  try {
    let holder: object | null = from;
    while (holder && !Object.hasOwn(holder, key)) holder = Object.getPrototypeOf(holder) as object | null;
    const isRoot = holder && holder !== from && !Object.getPrototypeOf(holder);
    return isRoot ? undefined : Reflect.get(from, key);
  } catch {
    return undefined;
  }
}
