import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { readProperty } from '../../src/session/read-property.ts';

class WithGetter {
  readonly #status = 401;
  get status(): number {
    return this.#status;
  }
}
class Heir extends WithGetter {}

const throwing = {
  get status(): number {
    throw new Error('no');
  },
};
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const trap = (): never => {
  throw new Error('no');
};

describe('readProperty', () => {
  it.each([
    ['an own property', { status: 401 }],
    ['an own property of an object without a prototype', Object.assign(Object.create(null) as object, { status: 401 })],
    ['a getter of its class', new WithGetter()],
    ['a getter of a class it extends', new Heir()],
    ['what it inherits from a plain object', Object.create({ status: 401 })],
    ['what a Proxy makes up', new Proxy({}, { get: (_target, key) => (key === 'status' ? 401 : undefined) })],
    ['an object of another realm', runInNewContext('({ status: 401 })')],
    ['a class of another realm', runInNewContext('new (class { get status() { return 401 } })()')],
  ] as [string, unknown][])('reads %s', (_title, value) => {
    expect(readProperty(value, 'status')).toBe(401);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'status'],
    ['a number', 401],
    ['an object without it', {}],
    ['a getter that throws', throwing],
    ['a revoked Proxy', revoked.proxy],
    ['a Proxy whose `get` throws', new Proxy({ status: 401 }, { get: trap })],
    ['a Proxy whose `getOwnPropertyDescriptor` throws', new Proxy({}, { getOwnPropertyDescriptor: trap })],
    ['a Proxy whose `getPrototypeOf` throws', new Proxy({}, { getPrototypeOf: trap })],
  ])('returns undefined for %s', (_title, value) => {
    expect(readProperty(value, 'status')).toBeUndefined();
  });

  it('returns undefined for what is only on the Object.prototype of this or another realm', () => {
    expect(readProperty({}, 'toString')).toBeUndefined();
    expect(readProperty(new Heir(), 'toString')).toBeUndefined();
    expect(readProperty(runInNewContext('Object.prototype.status = 401; ({})'), 'status')).toBeUndefined();
  });

  describe('with a polluted Object.prototype', () => {
    afterEach(() => {
      Reflect.deleteProperty(Object.prototype, 'status');
    });

    it('reads only what the value itself or its class has', () => {
      Object.defineProperty(Object.prototype, 'status', { value: 400, configurable: true });
      expect([readProperty({}, 'status'), readProperty(new Error('x'), 'status')]).toEqual([undefined, undefined]);
      expect([readProperty(throwing, 'status'), readProperty(new Heir(), 'status')]).toEqual([undefined, 401]);
    });
  });
});
