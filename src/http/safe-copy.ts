/** The prototype of copies. It has what axios's own configs offer, and nothing that a library could have put on `Object.prototype`. */
const base: object = /* @__PURE__ */ Object.freeze(
  /* @__PURE__ */ Object.create(null, { hasOwnProperty: { value: Object.prototype.hasOwnProperty } }) as object,
);

/**
 * Copies the own properties of an object. Reading a missing property of the copy returns `undefined` even while `Object.prototype` is
 * polluted, whereas the copy that a spread makes inherits the pollution. The prototype is not `null`, because V8 reads such objects slowly.
 */
export function safeCopy<T extends object>(source: T): T {
  const copy = Object.create(base) as T;
  // One key at a time, because a spread of an object without a prototype, such as axios's configs, takes five times as long.
  for (const key of Object.keys(source) as (keyof T)[]) copy[key] = source[key];
  for (const key of Object.getOwnPropertySymbols(source) as (keyof T)[]) copy[key] = source[key];
  return copy;
}
