/**
 * Under this key, a `Request` that was redirected has its final URL, which axios does not expose. A registered symbol, so that all installed
 * copies of Sluice can read it.
 */
export const finalUrlKey: unique symbol = /* @__PURE__ */ Symbol.for('sluice.landing');
