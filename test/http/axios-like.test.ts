import axios from 'axios';
import { attachSession, createClient, createSession, InvalidInputError } from 'sluice';
import { describe, expect, it } from 'vitest';

const session = createSession({ refresh: () => [] });

describe('attachSession() and createClient()', () => {
  it.each([
    [undefined, 'undefined'],
    ['axios', 'a string'],
    [{ get: () => undefined }, 'an object without interceptors and request'],
    [{ request: () => undefined, defaults: {} }, 'an object without interceptors and request'],
  ])('refuse a value that is no axios instance: %j', (given, told) => {
    const message = `takes an axios instance, as axios.create() gives it; given: ${told}.`;
    expect(() => attachSession(given as never, session, { trustedOrigins: ['https://a.example'] })).toThrow(message);
    if (given === undefined) return;
    const create = () => createClient({ axios: given as never, session, trustedOrigins: ['https://a.example'] });
    expect(create).toThrow(InvalidInputError);
    expect(create).toThrow(message);
  });
});

describe('attachSession()', () => {
  it('accepts axios itself, and an instance of axios.create()', () => {
    const options = { trustedOrigins: ['https://a.example'] };
    attachSession(axios, session, options)();
    attachSession(axios.create(), session, options)();
  });
});
