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

  it('names the unknown options and the known ones', () => {
    expect(check).toThrow(new InvalidInputError('createX() knows no aa, zz. It takes: a, b.'));
    expect(check).toThrow(InvalidInputError);
  });

  it('does nothing for known options', () => {
    expect(() => {
      assertKnownOptions('x', { a: 1 }, ['a', 'b']);
    }).not.toThrow();
    expect(() => {
      assertKnownOptions('x', {}, []);
    }).not.toThrow();
  });

  it('does nothing in production', () => {
    vi.stubEnv('NODE_ENV', 'production');
    expect(check).not.toThrow();
  });

  it('treats a page without `process` as development', () => {
    vi.stubGlobal('process', undefined);
    expect(check).toThrow(InvalidInputError);
  });
});
