import { InvalidInputError } from 'sluice/session';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { refuseUnknown } from '../../src/session/development.ts';

const check = (): void => {
  refuseUnknown('createX()', { a: 1, aa: 2, zz: undefined }, ['a', 'b']);
};

describe('refuseUnknown', () => {
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
      refuseUnknown('x', { a: 1 }, ['a', 'b']);
    }).not.toThrow();
    expect(() => {
      refuseUnknown('x', {}, []);
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
