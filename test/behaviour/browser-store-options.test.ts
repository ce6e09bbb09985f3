import { localStorageStore, webStore } from 'sluice/browser';
import { describe, expect, it } from 'vitest';

describe('An option of a store in a browser is refused at the call:', () => {
  const stores = {
    'webStore()': (options: object) => webStore(options),
    'localStorageStore()': (options: object) => localStorageStore(options),
  };

  it.each([
    ['webStore()', { key: 5 }, 'webStore(): key takes a string that is not empty; given: 5.'],
    ['webStore()', { key: '' }, 'webStore(): key takes a string that is not empty; given: an empty string.'],
    ['webStore()', { former: null }, 'webStore(): former takes { get, remove }; given: null.'],
    ['webStore()', { former: { get: () => null } }, 'webStore(): former takes { get, remove }; given: an object.'],
    ['webStore()', { Key: 'a' }, 'webStore() knows no Key. It takes: key, former, leaseMs, codec.'],
    ['localStorageStore()', { key: null }, 'localStorageStore(): key takes a string that is not empty; given: null.'],
    ['localStorageStore()', { storage: {} }, 'localStorageStore(): storage takes a function; given: an object.'],
    ['localStorageStore()', { Key: 'a' }, 'localStorageStore() knows no Key. It takes: key, storage.'],
  ] as const)('%s with %j', (store, options, message) => {
    expect(() => stores[store](options)).toThrow(message);
    expect(() => stores[store](options)).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });
});
