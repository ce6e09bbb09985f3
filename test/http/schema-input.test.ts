import { createClient, InvalidInputError } from 'sluice';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { appOn, errorOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe('a body that does not fit', () => {
  it('is not quoted in the message, though its library does so (Valibot: "received …", ArkType: "was …")', async () => {
    const schema: StandardSchemaV1 = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => ({
          issues: [
            {
              message: `Expected number but received "${(value as { text: string }).text}"`,
              path: ['text'],
            },
          ],
        }),
      },
    };
    const error = await errorOf(appOn(auth.server).api.post('/api/echo', 's3cr3t', { schema }));
    expect(error.message).toContain('text');
    expect(error.message).not.toContain('s3cr3t');
    expect(String(error.stack)).not.toContain('s3cr3t');
  });
});

it('what is no Standard Schema is refused at the call', () => {
  const api = createClient({ baseURL: auth.server.url });
  // A Zod schema of before 3.24, for one.
  const schema = {
    parse: (value: unknown) => value,
  } as unknown as StandardSchemaV1;
  expect(() => api.get('/public/echo', { schema })).toThrow(InvalidInputError);
});
