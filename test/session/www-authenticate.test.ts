import { describe, expect, it } from 'vitest';
import { nonTokenErrorOf } from '../../src/session/www-authenticate.ts';

describe('nonTokenErrorOf', () => {
  it.each([
    ['no header', undefined, undefined],
    ['an empty header', '', undefined],
    ['a scheme alone', 'Bearer', undefined],
    ['no error', 'Bearer realm="api", scope="a b"', undefined],
    ['a dead token', 'Bearer realm="api", error="invalid_token", error_description="expired"', undefined],
    ['a dead token, unquoted', 'Bearer error=invalid_token', undefined],
    [
      'a weak sign-in',
      'Bearer error="insufficient_user_authentication", acr_values="x"',
      'insufficient_user_authentication',
    ],
    ['a narrow scope', 'Bearer error="insufficient_scope"', 'insufficient_scope'],
    ['an unquoted cause', 'Bearer error=insufficient_scope, scope="a"', 'insufficient_scope'],
    ['blanks about =', 'Bearer error = "insufficient_scope"', 'insufficient_scope'],
    ['a parameter in capitals', 'Bearer ERROR="insufficient_scope"', 'insufficient_scope'],
    ['a second challenge with the cause', 'Basic realm="x", Bearer error="insufficient_scope"', 'insufficient_scope'],
    ['two challenges, one to heal', 'DPoP error="use_dpop_nonce", Bearer error="invalid_token"', undefined],
    ['error= in a quoted string', 'Bearer realm="say error=insufficient_scope, please"', undefined],
    ['error= behind an escaped quote', String.raw`Bearer realm="a \", error=insufficient_scope"`, undefined],
    ['a parameter that ends in error', 'Bearer x-error="insufficient_scope", my_error=a', undefined],
    ['error_description alone', 'Bearer error_description="error=insufficient_scope"', undefined],
    ['an empty cause', 'Bearer error=""', ''],
    ['an unclosed quote', 'Bearer realm="x', undefined],
  ])('reads %s', (_title, header, expected) => {
    expect(nonTokenErrorOf(header)).toBe(expected);
  });

  // A pattern that takes quadratic time needs minutes for such a header, and this one milliseconds: the test fails by its time limit.
  it.each([
    ['a', undefined],
    ['a=', undefined],
    ['"', undefined],
    ['\\', undefined],
    [' ', undefined],
    ['a="\\', undefined],
    ['= ', undefined],
    ['error="', 'error='],
  ])('reads 200,000 characters of %j in linear time', (part, expected) => {
    expect(nonTokenErrorOf(part.repeat(200_000 / part.length))).toBe(expected);
  });
});
