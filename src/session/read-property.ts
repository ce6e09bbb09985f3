/**
 * Reads a property of an unknown value, such as an error thrown by foreign code. Never throws.
 *
 * @returns `undefined` if the value has no such property, if reading it throws (a getter, a revoked Proxy), or if the property is on the
 * `Object.prototype` of any realm: otherwise a polluted prototype would be taken for a response of the server
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
