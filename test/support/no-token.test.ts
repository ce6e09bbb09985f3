import { expect, it } from 'vitest';
import { expectNoToken, findTokens } from './no-token.ts';

const token = 'access-ada/1';
const places = (value: unknown): string[] => findTokens(value, ['other', token]);

class Sly {
  readonly #hidden: string;
  constructor(hidden: string) {
    this.#hidden = hidden;
  }
  get shown(): string {
    return this.#hidden;
  }
}

it.each([
  ['a string', `x ${token}`, '$'],
  ['a property', { a: [{ b: token }] }, '$.a.0.b'],
  ['a key', { [token]: 1 }, `key $.${token}`],
  ['a property that is not enumerable', Object.defineProperty({}, 'x', { value: token }), '$.x'],
  ['a symbol', { [Symbol('s')]: token }, '$[Symbol(s)]'],
  ['a getter', new Sly(token), '$.shown'],
  ['a message', new Error(`bad ${token}`), '$.message'],
  ['a stack', new Error(`bad ${token}`), '$.stack'],
  ['a cause', new Error('a', { cause: new Error('b', { cause: token }) }), '$.cause.cause'],
  ['several errors', new AggregateError([new Error(token)]), '$.errors.0.message'],
  ['a map', new Map([[1, { token }]]), '$<value 0>.token'],
  ['a set', new Set([token]), '$<item>'],
  ['headers', { headers: new Headers({ authorization: `Bearer ${token}` }) }, '$.headers<authorization>'],
  ['bytes', { body: new TextEncoder().encode(token) }, '$.body'],
  ['a URL', { url: `/x?t=${encodeURIComponent(token)}` }, '$.url'],
  ['Base64', btoa(token), '$'],
  ['toJSON', { toJSON: () => token }, 'JSON.stringify()'],
  ['toString', { toString: () => token }, 'String()'],
  ['a property of a function', Object.assign(() => 1, { token }), '$.token'],
])('expectNoToken finds a token in %s', (_where, value, path) => {
  expect(places(value)).toContain(path);
});

it('expectNoToken passes values without one, circular ones and throwing getters included', () => {
  const value: Record<string, unknown> = { a: 'access-ada', list: [1, null, undefined] };
  value['self'] = value;
  Object.defineProperty(value, 'angry', {
    get() {
      throw new Error('no');
    },
  });
  expect(expectNoToken(value, [token])).toEqual([]);
});

it('expectNoToken throws with the places and without the token', () => {
  expect(() => expectNoToken({ a: token }, [token])).toThrow(
    'A token occurs at: $.a, JSON.stringify(), util.inspect()',
  );
});

it('expectNoToken skips the paths that are passed as exceptions', () => {
  expect(findTokens({ request: { token }, rest: 1 }, [token], { skip: (path) => path === '$.request' })).toEqual([]);
});

it('expectNoToken names the shortest path to a value that occurs twice', () => {
  const config = { token };
  expect(findTokens({ response: { config }, config }, [token], { skip: () => false })).toEqual(['$.config.token']);
});
