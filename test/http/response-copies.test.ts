import { createClient, type AttachSessionOptions } from 'sluice';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { attachedOn } from './attached.ts';
import { adapters, instanceOn } from './fixture.ts';

const auth = useAuthServer();

describe.each(adapters)('With the %s adapter, the request of a response', (adapter) => {
  const descriptors: (PropertyDescriptor | undefined)[] = [];
  const isUnauthorized: AttachSessionOptions['isUnauthorized'] = (response) => {
    descriptors.push(Object.getOwnPropertyDescriptor(response, 'request'));
    return response.status === 401;
  };
  const hidden = { enumerable: false, value: expect.any(Object) as object };

  it('can be read by `isUnauthorized`, and is not enumerable', async () => {
    const { instance } = attachedOn(auth.server, { adapter, use: { isUnauthorized } });
    const { request } = await instance.get<unknown>('/api/echo');
    expect(descriptors).toEqual([expect.objectContaining(hidden)]);
    expect(descriptors[0]?.value).toBe(request);
  });

  it('is there if an interceptor has returned the body in place of the response', async () => {
    const instance = instanceOn(auth.server, adapter);
    instance.interceptors.response.use(({ data }) => data as never);
    const response = await lastValueFrom(
      createClient({ axios: instance }).get('/public/echo', { observe: 'response' }),
    );
    expect(Object.getOwnPropertyDescriptor(response, 'request')).toMatchObject(hidden);
  });
});
