import { createClient, InvalidInputError, isSluiceError, SchemaMismatchError } from 'sluice';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { firstValueFrom, Subject, toArray, type Observable } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { expectNoToken } from '../support/no-token.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, errorOf, flush, type Echo } from './fixture.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const auth = useAuthServer();

type Validate<T> = (value: unknown) => StandardSchemaV1.Result<T> | Promise<StandardSchemaV1.Result<T>>;

/** Schemas in the form in which Zod, Valibot and ArkType offer them. */
function schemaOf<T>(validate: Validate<T>) {
  const spy = vi.fn(validate);
  const schema: StandardSchemaV1<unknown, T> = { '~standard': { version: 1, vendor: 'test', validate: spy } };
  return { schema, validate: spy };
}
const generation = schemaOf((value) => ({ value: (value as Echo).generation ?? 0 })).schema;
const refusing = (...issues: StandardSchemaV1.Issue[]) => schemaOf<never>(() => ({ issues }));

describe.each(adapters)('a schema of a client’s request, with the %s adapter,', (adapter) => {
  const app = () => appOn(auth.server, { adapter });

  it('gets the body, and its output is emitted', async () => {
    const { schema, validate } = schemaOf((value) => ({ value: `It says: ${(value as Echo).text}` }));
    expect(await firstValueFrom(app().api.post('/api/echo', { a: 1 }, { schema }))).toBe('It says: {"a":1}');
    expect(validate).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ text: '{"a":1}', user: 'ada' }));
  });

  it('may be asynchronous', async () => {
    const { schema } = schemaOf(async (value) => {
      await flush(auth.server);
      return { value: Object.keys(value as object).length };
    });
    expect(await firstValueFrom(app().api.get('/api/test-get', { schema }))).toBe(3);
  });

  it('is applied by every verb and by request()', async () => {
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

  it('gives the data of the response, and leaves the rest of the response unchanged', async () => {
    const response = await firstValueFrom(
      app().api.get('/api/echo', { schema: generation, observe: 'response', params: { q: 1 } }),
    );
    expect(response).toMatchObject({ data: 1, status: 200, statusText: 'OK', config: { params: { q: 1 } } });
    expect(response.headers['content-type']).toContain('application/json');
  });

  it('leaves `request` of the response in place and not enumerable', async () => {
    const { api } = app();
    const response = await firstValueFrom(api.get('/api/echo', { schema: generation, observe: 'response' }));
    expect(Object.getOwnPropertyDescriptor(response, 'request')).toMatchObject({
      value: expect.anything(),
      enumerable: false,
    });
  });

  it('gives the data of the last event', async () => {
    const options = { schema: generation, observe: 'events' } as const;
    const events = await firstValueFrom(app().api.get('/api/echo', options).pipe(toArray()));
    expect(events.at(-1)).toMatchObject({ type: 'response', response: { data: 1 } });
    expect(events.filter(({ type }) => type === 'response')).toHaveLength(1);
  });

  it('is not applied to a 401 that a refresh resolves, and once to the final body', async () => {
    const { api } = app();
    const { schema, validate } = schemaOf((value) => ({ value }));
    auth.server.expireAccess();
    expect(await firstValueFrom(api.get('/api/echo', { schema }))).toMatchObject({ generation: 2 });
    expect(validate).toHaveBeenCalledOnce();
  });

  it.each([401, 404, 500])('is not applied to the body of an error (%i)', async (status) => {
    const { schema, validate } = schemaOf((value) => ({ value }));
    expect(await errorOf(app().api.get(`/public/status/${status}`, { schema }))).toMatchObject({ status });
    expect(validate).not.toHaveBeenCalled();
  });

  it('is applied to the null of an empty body', async () => {
    const { schema, validate } = schemaOf((value) => ({ value: value === null ? 'nothing' : 'something' }));
    expect(await firstValueFrom(app().api.get('/api/empty', { schema }))).toBe('nothing');
    expect(validate).toHaveBeenCalledExactlyOnceWith(null);
  });

  it('is applied without a session', async () => {
    const api = createClient({ baseURL: auth.server.url, adapter });
    const { schema } = schemaOf((value) => ({ value: (value as Echo).path }));
    expect(await firstValueFrom(api.get('/public/echo', { schema }))).toBe('/public/echo');
  });
});

describe('a body that does not fit its schema', () => {
  it.each([
    ['synchronously', false],
    ['asynchronously', true],
  ])('makes the request fail with a SchemaMismatchError when the schema validates %s', async (_, late) => {
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
    'fails a subscriber with observe `%s`, and emits no response',
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

  it('gives an error without a token and without its content', async () => {
    const { api } = appOn(auth.server);
    const { schema } = refusing({ message: 'expected a number', path: ['user'] });
    const error = await errorOf(api.post('/api/echo', { secret: 's3cr3t' }, { schema }));
    expectNoToken(error, auth.server.secrets());
    expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain('s3cr3t');
    expect(error.cause).toBeUndefined();
  });

  it('is not quoted in the message when the schema’s library does so', async () => {
    const { schema } = schemaOf<never>((value) => ({
      issues: [{ message: `Expected number but received "${(value as Echo).text}"`, path: ['text'] }],
    }));
    const error = await errorOf(appOn(auth.server).api.post('/api/echo', 's3cr3t', { schema }));
    expect(error.message).toContain('text');
    expect(error.message + String(error.stack)).not.toContain('s3cr3t');
  });

  it('is not requested again', async () => {
    const { api } = appOn(auth.server);
    await errorOf(api.get('/api/echo', { schema: refusing({ message: 'no' }).schema }));
    await flush(auth.server);
    expect(auth.server.sent('/api/echo')).toHaveLength(1);
  });

  it('is a SchemaMismatchError even if the schema gives no details', async () => {
    const { api } = appOn(auth.server);
    const error: unknown = await errorOf(api.get('/api/echo', { schema: refusing().schema }));
    expect(error).toMatchObject({ name: 'SchemaMismatchError', issues: [] });
  });
});

describe('a faulty schema', () => {
  const boom = new Error('boom');
  const get = (schema: StandardSchemaV1): Observable<unknown> =>
    appOn(auth.server).api.get('/api/test-get', { schema });
  const throwing = (): never => {
    throw boom;
  };

  it.each<[string, () => Promise<never>]>([
    ['throws', throwing],
    ['rejects', () => Promise.reject(boom)],
  ])('that %s fails its request with that error', async (_, validate) => {
    expect(await errorOf(get(schemaOf(validate).schema))).toBe(boom);
  });

  it('that never answers can be unsubscribed from', async () => {
    const { schema, validate } = schemaOf(() => new Promise<never>(() => {}));
    const recording = record(get(schema));
    await waitFor(() => expect(validate).toHaveBeenCalled());
    recording.unsubscribe();
    expect(recording.expectOneOutcome()).toEqual({ kind: 'unsubscribed', values: [] });
  });

  it('that answers after unsubscribing has no effect', async () => {
    const answer$ = new Subject<{ value: string }>();
    const { schema, validate } = schemaOf(() => firstValueFrom(answer$));
    const recording = record(get(schema));
    await waitFor(() => expect(validate).toHaveBeenCalled());
    recording.unsubscribe();
    answer$.next({ value: 'too late' });
    await flush(auth.server);
    expect(recording.events).toEqual([]);
  });

  it('may be a function, as in some libraries', async () => {
    const callable = Object.assign(() => {}, schemaOf((value) => ({ value: typeof value })).schema);
    expect(await firstValueFrom(get(callable))).toBe('object');
  });

  it.each([
    [{ parse: () => 1 }, 'an object'],
    [() => true, 'a function'],
    [{ '~standard': {} }, 'an object'],
    [true, 'true'],
  ])('(%o) is refused at the call', (schema, given) => {
    const { api } = appOn(auth.server);
    expect(() => api.get('/api/echo', { schema: schema as unknown as StandardSchemaV1 })).toThrow(
      new InvalidInputError(`A request: schema takes a Standard Schema (standardschema.dev); given: ${given}.`),
    );
  });
});
