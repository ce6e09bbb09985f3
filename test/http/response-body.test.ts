import axios, { AxiosError, AxiosHeaders, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { readStrictly } from '../../src/http/response-body.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, errorOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
const elsewhere = useAuthServer();

describe('a response body with a JSON content type', () => {
  const answering =
    (data: unknown, status?: number): AxiosAdapter =>
    async (config) =>
      ({ config, data, status, statusText: '', headers: { 'content-type': 'application/json' } }) as never;

  it.each([[{ a: 1 }], [[1, 2]], [7], [true], [null]])(
    'stays as it is when its adapter has parsed it (%j)',
    async (data) => {
      const { api } = appOn(auth.server, { adapter: answering(data, 200) });
      expect(await firstValueFrom(api.get('/api/echo'))).toEqual(data);
    },
  );

  it('is an error when it is broken, for an adapter without a status as well', async () => {
    const { api } = appOn(auth.server, { adapter: answering('{"cut') });
    expect(await errorOf(api.get('/api/echo'))).toMatchObject({ code: 'ERR_BAD_RESPONSE' });
  });

  it('is an AxiosError when it is broken, even if axios gives its transforms no response', () => {
    // Older versions of axios call transforms in this way.
    const config = { transformResponse: axios.defaults.transformResponse } as InternalAxiosRequestConfig;
    readStrictly(config);
    const [transform] = [config.transformResponse ?? []].flat();
    const headers = new AxiosHeaders({ 'Content-Type': 'application/json' });
    expect(() => transform?.call(config, '{"cut', headers, 200) as unknown).toThrow(AxiosError);
  });
});

describe.each(adapters)('an isUnauthorized predicate, with the %s adapter,', (adapter) => {
  it('is treated as false when it throws: the response is delivered', async () => {
    const isUnauthorized = ({ data }: { data: unknown }): boolean => (data as { errors: unknown[] }).errors.length > 0;
    const { api, refresh } = appOn(auth.server, { adapter, isUnauthorized });
    expect(await firstValueFrom(api.get('/api/echo'))).toMatchObject({ user: 'ada' });
    auth.server.expireAccess();
    expect(await errorOf(api.get('/api/echo'))).toMatchObject({ status: 401 });
    expect(refresh).not.toHaveBeenCalled();
  });

  it('is not asked about a response whose transform throws: the request fails with the error of the transform', async () => {
    const isUnauthorized = vi.fn(() => true);
    const transformResponse = (): never => {
      throw new RangeError('no transform');
    };
    const { api, refresh, events } = appOn(auth.server, { adapter, isUnauthorized, transformResponse });
    expect(await errorOf(api.get('/api/echo'))).toMatchObject({ message: 'no transform' });
    expect(isUnauthorized).not.toHaveBeenCalled();
    expect(refresh).not.toHaveBeenCalled();
    expect(events.map(({ type }) => type)).not.toContain('callback-failed');
  });

  it('that returns false leaves the outcome to an adapter that ignores validateStatus', async () => {
    const { api } = appOn(auth.server, {
      adapter: (config) => axios.getAdapter(adapter)({ ...config, validateStatus: null }),
      isUnauthorized: () => false,
    });
    const response$ = api.get('/api/status/500', { observe: 'response' });
    expect(await firstValueFrom(response$)).toMatchObject({ status: 500, data: { status: 500 } });
  });

  it('that has read the body of a 401 leaves the response to the resend its own body', async () => {
    auth.server.route('/public/moved', ({ generation }) =>
      generation === 1
        ? { status: 401, body: { refused: true } }
        : { status: 302, headers: { location: `${elsewhere.server.url}/public/text` } },
    );
    const isUnauthorized = ({ data }: { data: unknown }): boolean => (data as { refused?: boolean }).refused === true;
    const { api } = appOn(auth.server, { adapter, isUnauthorized });
    // The second response comes from another origin, and so is not judged.
    expect(await firstValueFrom(api.get('/public/moved'))).toBe('plain text');
    expect(auth.server.refreshes).toHaveLength(1);
  });
});
