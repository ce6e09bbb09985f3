import {
  attachSession,
  createClient,
  withoutSession,
  type BodyFactory,
  type Client,
  type ClientOptions,
  type RequestEvent,
  type RequestOptions,
  type Session,
  type AttachSessionOptions,
  type AxiosLike,
} from 'sluice';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import type { Observable } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';

interface User {
  readonly id: number;
  readonly name: string;
}

declare const api: Client;
declare const session: Session;
declare const instance: AxiosInstance;
/** Takes text and makes a date of it: its input and its output have different types. */
declare const schema: StandardSchemaV1<string, Date>;

const withoutBody = ['get', 'delete', 'head', 'options'] as const;
const withBody = ['post', 'put', 'patch', 'postForm', 'putForm', 'patchForm'] as const;
const without = api[withoutBody[0]];
const withData = api[withBody[0]];

describe('every verb', () => {
  it('has one of three forms of arguments', () => {
    expectTypeOf<keyof Client>().toEqualTypeOf<(typeof withoutBody)[number] | (typeof withBody)[number] | 'request'>();
    expectTypeOf<Client[(typeof withoutBody)[number]]>().toEqualTypeOf(without);
    expectTypeOf<Client[(typeof withBody)[number]]>().toEqualTypeOf(withData);
  });
});

describe('the response body that a request emits', () => {
  it('has the type that the type argument states', () => {
    expectTypeOf(api.get<User>('/me')).toEqualTypeOf<Observable<User>>();
    expectTypeOf(api.get<User>('/me', { observe: 'body' })).toEqualTypeOf<Observable<User>>();
    expectTypeOf(api.post<User>('/me', { name: 'Ada' })).toEqualTypeOf<Observable<User>>();
    expectTypeOf(api.request<User>({ url: '/me' })).toEqualTypeOf<Observable<User>>();
  });

  it('is unknown without a type', () => {
    expectTypeOf(api.get('/me')).toEqualTypeOf<Observable<unknown>>();
    expectTypeOf(api.post('/me')).toEqualTypeOf<Observable<unknown>>();
    expectTypeOf(api.request({ url: '/me' })).toEqualTypeOf<Observable<unknown>>();
  });
});

describe('observe', () => {
  it("gives the whole response for 'response'", () => {
    expectTypeOf(api.get<User>('/me', { observe: 'response' })).toEqualTypeOf<Observable<AxiosResponse<User>>>();
    expectTypeOf(api.put<User>('/me', 1, { observe: 'response' })).toEqualTypeOf<Observable<AxiosResponse<User>>>();
    expectTypeOf(api.request<User>({ url: '/me', observe: 'response' })).toEqualTypeOf<
      Observable<AxiosResponse<User>>
    >();
    expectTypeOf(api.get('/me', { observe: 'response' })).toEqualTypeOf<Observable<AxiosResponse<unknown>>>();
  });

  it("gives all events for 'events'", () => {
    expectTypeOf(api.get<User>('/me', { observe: 'events' })).toEqualTypeOf<Observable<RequestEvent<User>>>();
    expectTypeOf(api.post<User>('/me', 1, { observe: 'events' })).toEqualTypeOf<Observable<RequestEvent<User>>>();
    expectTypeOf(api.request<User>({ url: '/me', observe: 'events' })).toEqualTypeOf<Observable<RequestEvent<User>>>();
  });

  it('gives events that their `type` tells apart', () => {
    const event = {} as RequestEvent<User>;
    if (event.type === 'response') expectTypeOf(event.response).toEqualTypeOf<AxiosResponse<User>>();
    else if (event.type === 'sent') expectTypeOf(event.attempt).toBeNumber();
    else expectTypeOf(event.total).toEqualTypeOf<number | undefined>();
  });

  it('does not accept other values', () => {
    // @ts-expect-error -- no such view of a request
    void api.get('/me', { observe: 'headers' });
    // @ts-expect-error -- no such view of a request
    void api.post('/me', 1, { observe: true });
    // @ts-expect-error -- no such view of a request
    void api.request({ url: '/me', observe: 'promise' });
  });
});

describe('schema', () => {
  it('gives the type of its output, not of its input', () => {
    expectTypeOf(api.get('/when', { schema })).toEqualTypeOf<Observable<Date>>();
    expectTypeOf(api.post('/when', 1, { schema })).toEqualTypeOf<Observable<Date>>();
    expectTypeOf(api.request({ url: '/when', schema })).toEqualTypeOf<Observable<Date>>();
  });

  it('gives the type in the response and in events', () => {
    expectTypeOf(api.get('/when', { schema, observe: 'response' })).toEqualTypeOf<Observable<AxiosResponse<Date>>>();
    expectTypeOf(api.get('/when', { schema, observe: 'events' })).toEqualTypeOf<Observable<RequestEvent<Date>>>();
    expectTypeOf(api.put('/when', 1, { schema, observe: 'response' })).toEqualTypeOf<Observable<AxiosResponse<Date>>>();
    expectTypeOf(api.put('/when', 1, { schema, observe: 'events' })).toEqualTypeOf<Observable<RequestEvent<Date>>>();
    expectTypeOf(api.request({ url: '/when', schema, observe: 'events' })).toEqualTypeOf<
      Observable<RequestEvent<Date>>
    >();
  });

  it('is a Standard Schema and nothing else', () => {
    // @ts-expect-error -- a function is no schema
    void api.get('/when', { schema: (body: unknown) => body });
  });

  it('decides the type, and another type argument is refused', () => {
    // @ts-expect-error -- the schema makes a Date
    void api.get<User>('/when', { schema });
    // @ts-expect-error -- the schema makes a Date
    void api.post<User>('/when', 1, { schema });
    // @ts-expect-error -- the schema makes a Date
    void api.request<User>({ url: '/when', schema });
  });
});

describe('options of a request', () => {
  it('are axios’s own and Sluice’s', () => {
    const { signal } = new AbortController();
    void api.get('/me', { params: { page: 1 }, headers: { 'X-A': '1' }, timeout: 1, responseType: 'blob', signal });
    void api.get('/me', { session: false });
    void api.post('/me', () => 'made anew');
    expectTypeOf<BodyFactory>().toEqualTypeOf<() => unknown>();
  });

  it('are refused without a URL, and with a URL that is no string', () => {
    // @ts-expect-error -- it has no url
    void api.get();
    // @ts-expect-error -- it has no url
    void api.post();
    // @ts-expect-error -- it has no url
    void api.request({});
    // @ts-expect-error -- not a string
    void api.get(new URL('https://api.example.com'));
  });

  it('are refused when they contradict the verb', () => {
    // @ts-expect-error -- the url is the first argument
    void api.get('/me', { url: '/you' });
    // @ts-expect-error -- the verb is the method
    void api.get('/me', { method: 'post' });
  });

  it('are refused when they have no effect', () => {
    // @ts-expect-error -- a session is only ever left out
    void api.get('/me', { session: true });
    // @ts-expect-error -- a session is given to the client
    void api.get('/me', { session });
    // @ts-expect-error -- misspelt
    void api.get('/me', { parms: {} });
    // @ts-expect-error -- not a signal
    void api.get('/me', { signal: new AbortController() });
  });
});

describe('createClient', () => {
  it('takes axios’s defaults, or an instance', () => {
    expectTypeOf(createClient({})).toEqualTypeOf<Client>();
    createClient({ baseURL: '/api', timeout: 1, headers: { 'X-A': '1' }, session });
    createClient({ axios: instance, session, trustedOrigins: ['https://files.example.com'] });
  });

  it('refuses what cannot work', () => {
    // @ts-expect-error -- options there must be
    createClient();
    // @ts-expect-error -- an instance has its own base URL
    createClient({ axios: instance, baseURL: '/api' });
    // @ts-expect-error -- misspelt
    createClient({ baseUrl: '/api' });
    // @ts-expect-error -- not a session
    createClient({ baseURL: '/api', session: { state: session.state } });
    // @ts-expect-error -- origins are a list
    createClient({ baseURL: '/api', trustedOrigins: 'https://files.example.com' });
  });
});

describe('attachSession and withoutSession', () => {
  it('attachSession() takes an instance and returns a function that detaches', () => {
    expectTypeOf(attachSession(instance, session)).toEqualTypeOf<() => void>();
    attachSession(axios, session, { isUnauthorized: ({ status }) => status === 419 });
    // @ts-expect-error -- no session
    attachSession(instance);
    // @ts-expect-error -- misspelt
    attachSession(instance, session, { trustedOrigin: [] });
  });

  it('attachSession() and createClient() accept an instance of either set of axios’s types', () => {
    type OfCommonJs = import('axios', { with: { 'resolution-mode': 'require' } }).AxiosInstance;
    // @ts-expect-error -- if this one fits, the test says nothing
    expectTypeOf<OfCommonJs>().toExtend<AxiosInstance>();
    expectTypeOf<OfCommonJs>().toExtend<AxiosLike>();
    expectTypeOf<AxiosInstance>().toExtend<AxiosLike>();
    expectTypeOf(attachSession).parameter(0).toEqualTypeOf<AxiosLike>();
    expectTypeOf<{ axios: OfCommonJs }>().toExtend<ClientOptions>();
    // @ts-expect-error -- no instance
    attachSession({ get: () => Promise.resolve() }, session);
  });

  it('withoutSession() returns a config that axios accepts', () => {
    expectTypeOf(withoutSession()).toExtend<{ readonly session: false }>();
    expectTypeOf(withoutSession({ timeout: 1 as const }).timeout).toEqualTypeOf<1>();
    void instance.get('/me', withoutSession({ params: { page: 1 } }));
  });
});

describe('no public type is any', () => {
  it('in clients and their options', () => {
    expectTypeOf(createClient).parameter(0).not.toBeAny();
    expectTypeOf<Client[keyof Client]>().not.toBeAny();
    expectTypeOf<ReturnType<Client['get']>>().not.toBeAny();
    expectTypeOf<Parameters<Client['post']>[1]>().toBeUnknown();
    expectTypeOf<AttachSessionOptions['trustedOrigins']>().toEqualTypeOf<readonly string[] | undefined>();
    expectTypeOf<ClientOptions['session']>().toEqualTypeOf<Session | undefined>();
    expectTypeOf<RequestOptions['data']>().toBeUnknown();
    expectTypeOf<RequestOptions['signal']>().toEqualTypeOf<AbortSignal | undefined>();
    expectTypeOf<RequestOptions['session']>().toEqualTypeOf<false | undefined>();
    expectTypeOf<RequestEvent<User>['type']>().not.toBeAny();
    expectTypeOf(attachSession).parameters.not.toBeAny();
  });
});
