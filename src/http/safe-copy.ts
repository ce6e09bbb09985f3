/** What axios's own configs offer without inheriting it, and nothing that a library could have put on `Object.prototype`. */
const base: object = /* @__PURE__ */ Object.freeze(
  /* @__PURE__ */ Object.create(null, { hasOwnProperty: { value: Object.prototype.hasOwnProperty } }) as object,
);

/**
 * Copies the keys that an object itself has. Reading a missing key of the copy gives `undefined` even while `Object.prototype` is
 * polluted; a spread would read there what somebody else wrote. (Its prototype is not null because V8 reads such objects slowly.)
 */
export function safeCopy<T extends object>(source: T): T {
  const copy = Object.create(base) as T;
  // One key at a time: of objects without a prototype, as axios's configs are, a spread takes five times as long.
  for (const key of Object.keys(source) as (keyof T)[]) copy[key] = source[key];
  for (const key of Object.getOwnPropertySymbols(source) as (keyof T)[]) copy[key] = source[key];
  return copy;
}
