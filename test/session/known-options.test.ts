import { InvalidInputError } from 'sluice/session';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { assertKnownOptions } from '../../src/session/known-options.ts';

const check = (): void => {
  assertKnownOptions('createX()', { a: 1, aa: 2, zz: undefined }, ['a', 'b']);
};

describe('assertKnownOptions', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.unstubAllGlobals();
  });

  it('names the options that do not exist, and those that do', () => {
    expect(check).toThrow(new InvalidInputError('createX() knows no aa, zz. It takes: a, b.'));
    expect(check).toThrow(InvalidInputError);
  });

  it('says nothing of known options', () => {
    expect(() => {
      assertKnownOptions('x', { a: 1 }, ['a', 'b']);
    }).not.toThrow();
    expect(() => {
      assertKnownOptions('x', {}, []);
    }).not.toThrow();
  });

  it('is silent in production', () => {
    vi.stubEnv('NODE_ENV', 'production');
    expect(check).not.toThrow();
  });

  it('counts a page without `process` as development', () => {
    vi.stubGlobal('process', undefined);
    expect(check).toThrow(InvalidInputError);
  });
});
