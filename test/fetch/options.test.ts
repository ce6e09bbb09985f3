import { sessionFetch } from 'sluice/fetch';
import { createSession } from 'sluice/session';
import { describe, expect, it } from 'vitest';

const session = createSession({ refresh: () => [] });

describe('An argument of sessionFetch', () => {
  const make = (options: unknown): unknown => sessionFetch(session, options as never);

  it.each([
    ['nothing', undefined, 'takes options, as an object; given: undefined'],
    ['no list', {}, "a list of origins, such as ['https://api.example.com']; given: undefined"],
    ['text for a list', { trustedOrigins: 'https://a.example' }, 'a list of origins, such as'],
    ['an empty list', { trustedOrigins: [] }, 'one origin or more; given: none'],
    ['a URL with a path', { trustedOrigins: ['https://a.example/api'] }, 'without a path; not https://a.example/api'],
    ['a URL', { trustedOrigins: [new URL('https://a.example')] }, 'without a path; not an object'],
    [
      'a fetch that is none',
      { trustedOrigins: ['https://a.example'], fetch: 'x' },
      'fetch takes a function; given: a string',
    ],
    [
      'a predicate that is none',
      { trustedOrigins: ['https://a.example'], isUnauthorized: 401 },
      'isUnauthorized takes a function; given: 401',
    ],
    [
      'an unknown option',
      { trustedOrigins: ['https://a.example'], trustedorigins: [] },
      'sessionFetch() knows no trustedorigins',
    ],
  ])('is refused at the call when it is %s', (_, options, message) => {
    expect(() => make(options)).toThrow(message);
    expect(() => make(options)).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });

  it('has to be a session', () => {
    expect(() => sessionFetch({} as never, { trustedOrigins: ['https://a.example'] })).toThrow('createSession()');
  });
});
