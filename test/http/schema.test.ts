import { createClient, InvalidInputError, isSluiceError, SchemaMismatchError } from 'sluice';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { firstValueFrom, Subject, toArray, type Observable } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { expectNoToken } from '../support/no-token.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, errorOf, flush, type Echo } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

type Validate<T> = (value: unknown) => StandardSchemaV1.Result<T> | Promise<StandardSchemaV1.Result<T>>;

/** What Zod, Valibot and ArkType are to others. */
function schemaOf<T>(validate: Validate<T>) {
  const spy = vi.fn(validate);
  const schema: StandardSchemaV1<unknown, T> = { '~standard': { version: 1, vendor: 'test', validate: spy } };
  return { schema, validate: spy };
}
const generation = schemaOf((value) => ({ value: (value as Echo).generation ?? 0 })).schema;
const refusing = (...issues: StandardSchemaV1.Issue[]) => schemaOf<never>(() => ({ issues }));

describe.each(adapters)('a schema, with the %s adapter,', (adapter) => {
  const app = () => appOn(auth.server, { adapter });

  it('gets the body and gives what it makes of it', async () => {
    const { schema, validate } = schemaOf((value) => ({ value: `It says: ${(value as Echo).text}` }));
    expect(await firstValueFrom(app().api.post('/api/echo', { a: 1 }, { schema }))).toBe('It says: {"a":1}');
    expect(validate).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ text: '{"a":1}', user: 'ada' }));
  });

  it('may take its time', async () => {
    const { schema } = schemaOf(async (value) => {
      await flush(auth.server);
      return { value: Object.keys(value as object).length };
    });
    expect(await firstValueFrom(app().api.get('/api/test-get', { schema }))).toBe(3);
  });

  it('counts for every verb and for request', async () => {
    const { api } = app();
    const options = { schema: generation };
    const bodies = [
      api.get('/api/echo', options),
      api.delete('/api/echo', options),
      api.options('/api/echo', options),
      api.post('/api/echo', { a: 1 }, options),
      api.put('/api/echo', { a: 1 }, options),
      api.patch('/api/echo', { a: 1 }, options),
      api.postForm('/api/echo', { a: 1 }, options),
      api.request({ url: '/api/echo', ...options }),
    ];
    expect(await Promise.all(bodies.map((body$) => firstValueFrom(body$)))).toEqual(bodies.map(() => 1));
  });

  it('makes the data of the response, and leaves the rest of it', async () => {
    const response = await firstValueFrom(
      app().api.get('/api/echo', { schema: generation, observe: 'response', params: { q: 1 } }),
    );
    expect(response).toMatchObject({ data: 1, status: 200, statusText: 'OK', config: { params: { q: 1 } } });
    expect(response.headers['content-type']).toContain('application/json');
  });

  it('leaves the request of the response where it is, out of sight', async () => {
    const { api } = app();
    const response = await firstValueFrom(api.get('/api/echo', { schema: generation, observe: 'response' }));
    expect(Object.getOwnPropertyDescriptor(response, 'request')).toMatchObject({
      value: expect.anything(),
      enumerable: false,
    });
  });

  it('makes the data of the last event', async () => {
    const options = { schema: generation, observe: 'events' } as const;
    const events = await firstValueFrom(app().api.get('/api/echo', options).pipe(toArray()));
    expect(events.at(-1)).toMatchObject({ type: 'response', response: { data: 1 } });
    expect(events.filter(({ type }) => type === 'response')).toHaveLength(1);
  });

  it('sees no 401 that heals, and what came after it once', async () => {
    const { api } = app();
    const { schema, validate } = schemaOf((value) => ({ value }));
    auth.server.expireAccess();
    expect(await firstValueFrom(api.get('/api/echo', { schema }))).toMatchObject({ generation: 2 });
    expect(validate).toHaveBeenCalledOnce();
  });

  it.each([401, 404, 500])('sees no body of an error (%i)', async (status) => {
    const { schema, validate } = schemaOf((value) => ({ value }));
    expect(await errorOf(app().api.get(`/public/status/${status}`, { schema }))).toMatchObject({ status });
    expect(validate).not.toHaveBeenCalled();
  });

  it('sees the null that an empty body is', async () => {
    const { schema, validate } = schemaOf((value) => ({ value: value === null ? 'nothing' : 'something' }));
    expect(await firstValueFrom(app().api.get('/api/empty', { schema }))).toBe('nothing');
    expect(validate).toHaveBeenCalledExactlyOnceWith(null);
  });

  it('works without a session', async () => {
    const api = createClient({ baseURL: auth.server.url, adapter });
    const { schema } = schemaOf((value) => ({ value: (value as Echo).path }));
    expect(await firstValueFrom(api.get('/public/echo', { schema }))).toBe('/public/echo');
  });
});

describe('a body that does not fit', () => {
  it.each([
    ['at once', false],
    ['later', true],
  ])('is a SchemaMismatchError, said %s', async (_, late) => {
    const { api, session } = appOn(auth.server);
    const issues = [{ message: 'expected a number', path: ['user', { key: 0 }, 'id'] }, { message: 'and more' }];
    const { schema } = schemaOf<never>(late ? async () => ({ issues }) : () => ({ issues }));
    const error: unknown = await errorOf(api.get('/api/echo', { schema }));
    expect(error).toBeInstanceOf(SchemaMismatchError);
    expect(isSluiceError(error)).toBe(true);
    expect(error).toMatchObject({ name: 'SchemaMismatchError', code: 'schema-mismatch', issues });
    expect((error as Error).message).toContain('user.0.id');
    expect(session.state.status).toBe('signed-in');
  });

  it.each(['body', 'response', 'events'] as const)(
    'fails who observes the %s, and gives no response',
    async (observe) => {
      const { api } = appOn(auth.server);
      const { schema } = refusing({ message: 'no' });
      const request: object = { url: '/api/echo', schema, observe };
      const recording = record(api.request(request as { url: string }));
      const { kind, values } = await recording.outcome;
      expect(kind).toBe('error');
      expect(values.filter((value) => (value as { type?: string }).type === 'response')).toEqual([]);
      expect(recording.values.length === 0 || observe === 'events').toBe(true);
    },
  );

  it('is told of without a token and without what it holds', async () => {
    const { api } = appOn(auth.server);
    const { schema } = refusing({ message: 'expected a number', path: ['user'] });
    const error = await errorOf(api.post('/api/echo', { secret: 's3cr3t' }, { schema }));
    expectNoToken(error, auth.server.secrets());
    expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain('s3cr3t');
    expect(error.cause).toBeUndefined();
  });

  it('is not quoted in the message where its library does so', async () => {
    const { schema } = schemaOf<never>((value) => ({
      issues: [{ message: `Expected number but received "${(value as Echo).text}"`, path: ['text'] }],
    }));
    const error = await errorOf(appOn(auth.server).api.post('/api/echo', 's3cr3t', { schema }));
    expect(error.message).toContain('text');
    expect(error.message + String(error.stack)).not.toContain('s3cr3t');
  });

  it('is not asked for again', async () => {
    const { api } = appOn(auth.server);
    await errorOf(api.get('/api/echo', { schema: refusing({ message: 'no' }).schema }));
    await flush(auth.server);
    expect(auth.server.sent('/api/echo')).toHaveLength(1);
  });

  it('is one even where the schema says no more', async () => {
    const { api } = appOn(auth.server);
    const error: unknown = await errorOf(api.get('/api/echo', { schema: refusing().schema }));
    expect(error).toMatchObject({ name: 'SchemaMismatchError', issues: [] });
  });
});

describe('a schema that misbehaves', () => {
  const boom = new Error('boom');
  const get = (schema: StandardSchemaV1): Observable<unknown> =>
    appOn(auth.server).api.get('/api/test-get', { schema });
  const throwing = (): never => {
    throw boom;
  };

  it.each<[string, () => Promise<never>]>([
    ['throws', throwing],
    ['rejects', () => Promise.reject(boom)],
  ])('and %s fails its request with just that', async (_, validate) => {
    expect(await errorOf(get(schemaOf(validate).schema))).toBe(boom);
  });

  it('and never answers is left by unsubscribing', async () => {
    const { schema, validate } = schemaOf(() => new Promise<never>(() => {}));
    const recording = record(get(schema));
    await vi.waitFor(() => expect(validate).toHaveBeenCalled());
    recording.unsubscribe();
    expect(recording.expectOneOutcome()).toEqual({ kind: 'unsubscribed', values: [] });
  });

  it('and answers after its subscriber has left is not heard', async () => {
    const answer$ = new Subject<{ value: string }>();
    const { schema, validate } = schemaOf(() => firstValueFrom(answer$));
    const recording = record(get(schema));
    await vi.waitFor(() => expect(validate).toHaveBeenCalled());
    recording.unsubscribe();
    answer$.next({ value: 'too late' });
    await flush(auth.server);
    expect(recording.events).toEqual([]);
  });

  it('as a function, as some libraries make them, is a schema', async () => {
    const callable = Object.assign(() => {}, schemaOf((value) => ({ value: typeof value })).schema);
    expect(await firstValueFrom(get(callable))).toBe('object');
  });

  it.each([{ parse: () => 1 }, () => true, { '~standard': {} }, true])('(%o) is refused at the call', (schema) => {
    const { api } = appOn(auth.server);
    expect(() => api.get('/api/echo', { schema: schema as unknown as StandardSchemaV1 })).toThrow(
      new InvalidInputError('schema is no Standard Schema (standardschema.dev): it has no ~standard.validate.'),
    );
  });
});
