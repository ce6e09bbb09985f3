import { InvalidInputError } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { failureName } from '../../src/session/failure-name.ts';

const withCode = (code: unknown): Error => Object.assign(new Error('secret'), { code });

describe('failureName()', () => {
  it.each(['EFBIG', 'EACCES', 'ECONNREFUSED', 'ERR_NETWORK', 'E2BIG'])(
    'names the code %s of a system error',
    (code) => {
      expect(failureName(withCode(code))).toBe(`Error: ${code}`);
    },
  );

  it.each([
    ['a number', 22],
    ['a sentence', 'No such file'],
    ['a token', 'eyJhbGciOiJub25lIn0'],
    ['a letter', 'E'],
    ['a code and more', 'EACCES secret'],
    ['two lines', 'EACCES\nEACCES'],
  ])('leaves out a code that is %s', (_, code) => {
    expect(failureName(withCode(code))).toBe('Error');
  });

  it('gives the message of an error of Sluice as it is, without its code', () => {
    expect(failureName(new InvalidInputError('a bad value'))).toBe('a bad value');
  });

  it('returns the `typeof` of a value that has no name', () => {
    expect([failureName('secret'), failureName(undefined), failureName({ name: '' })]).toEqual([
      'string',
      'undefined',
      'object',
    ]);
  });
});
