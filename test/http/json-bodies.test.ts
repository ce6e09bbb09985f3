import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, errorOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe.each(adapters)('a response body, with the %s adapter,', (adapter) => {
  let undo = (): void => {};
  const answering = (body: string, type: string): ReturnType<typeof appOn>['api'] => {
    undo();
    undo = auth.server.route('/api/answer', () => ({ headers: { 'content-type': type }, body: Buffer.from(body) }));
    return appOn(auth.server, { adapter }).api;
  };

  it.each([
    'application/json-seq',
    'application/geo+json-seq',
    'application/json-lines',
    'application/jsonlines',
    'text/plain; profile=application/json',
  ])('is not required to be one JSON value when its type is %s', async (type) => {
    const lines = '{"a":1}\n{"a":2}\n';
    expect(await firstValueFrom(answering(lines, type).get('/api/answer'))).toBe(lines);
  });

  it.each(['application/json', 'application/problem+json;charset=utf-8', 'application/json ; charset=utf-8'])(
    'is required to be JSON when its type is %s',
    async (type) => {
      expect(await errorOf(answering('{"cut', type).get('/api/answer'))).toMatchObject({ code: 'ERR_BAD_RESPONSE' });
    },
  );

  it.each(['', null])('is required to be JSON when responseType is %j, as when it is not given', async (none) => {
    const options = { responseType: none as unknown as 'json' };
    expect(await firstValueFrom(answering('{"a":1}', 'application/json').get('/api/answer', options))).toEqual({
      a: 1,
    });
    expect(await firstValueFrom(answering('', 'application/json').get('/api/answer', options))).toBeNull();
    expect(await errorOf(answering('{"cut', 'application/json').get('/api/answer', options))).toMatchObject({
      code: 'ERR_BAD_RESPONSE',
    });
  });
});
