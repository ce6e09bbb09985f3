import { afterEach, describe, expect, it } from 'vitest';
import { bodyOf, headerOf, statusOf } from '../../src/session/http-outcome.ts';

const trap = (): never => {
  throw new Error('no');
};
const everywhere = new Proxy({}, { get: trap, has: trap, ownKeys: trap, getOwnPropertyDescriptor: trap });
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const ring = new Error('round');
ring.cause = new Error('and round', { cause: ring });

describe('statusOf, headerOf and bodyOf of hostile values', () => {
  it.each<[string, unknown]>([
    ['a Proxy that throws at everything', everywhere],
    ['a revoked Proxy', revoked.proxy],
    ['a Proxy as `response`', { response: everywhere }],
    ['a Proxy as `headers`', { response: { headers: everywhere } }],
    ['a revoked Proxy as a value', { headers: { 'retry-after': revoked.proxy } }],
    ['headers that throw', { headers: { get: trap } }],
    ['a value that throws', { headers: { 'retry-after': [{ toString: trap }] } }],
    ['an XMLHttpRequest that throws', { xhr: { getResponseHeader: trap } }],
    ['a Proxy as `cause`', new Error('no', { cause: everywhere })],
    ['a ring of causes', ring],
    ['a body that throws', { data: everywhere }],
  ])('return nothing and do not throw: %s', (_title, outcome) => {
    expect(statusOf(outcome)).toBeUndefined();
    expect(headerOf(outcome, 'retry-after')).toBeUndefined();
    expect(() => bodyOf(outcome)).not.toThrow();
  });

  it('read the rest of an object with a getter that throws', () => {
    const outcome = Object.defineProperty({ response: { status: 418, headers: { age: '7' } } }, 'status', {
      get: trap,
    });
    expect([statusOf(outcome), headerOf(outcome, 'age')]).toEqual([418, '7']);
  });
});

describe('statusOf, headerOf and bodyOf with a polluted Object.prototype', () => {
  const polluted = {
    status: 401,
    statusCode: 401,
    headers: { 'retry-after': '7' },
    'retry-after': '7',
    response: { status: 401 },
    cause: { status: 401 },
    xhr: { getResponseHeader: () => '7' },
    get: () => '7',
    data: { error: 'invalid_grant' },
    body: { error: 'invalid_grant' },
    error: 'invalid_grant',
  };
  const readings = [{}, new Error('x'), { headers: {} }, new Response('{}', { status: 418 })].map((outcome) => () => [
    statusOf(outcome),
    headerOf(outcome, 'retry-after'),
    bodyOf(outcome),
  ]);
  const clean = (): void => {
    for (const key of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, key);
  };
  afterEach(clean);

  it('ignore Object.prototype', () => {
    // Plain assignments, because a property descriptor would inherit a polluted `get`.
    Object.assign(Object.prototype, polluted);
    const seen = readings.map((read) => read());
    clean();
    const nothing = [undefined, undefined, undefined];
    expect(seen).toEqual([nothing, nothing, nothing, [418, undefined, undefined]]);
  });
});
