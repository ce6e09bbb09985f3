import { createClient } from 'sluice';
import { firstValueFrom } from 'rxjs';
import { expect, it } from 'vitest';
import { adapters, errorOf } from './fixture.ts';

it.each(adapters)('a client without a base URL reads a data: URL, as axios does (%s)', async (adapter) => {
  const api = createClient({ adapter });
  expect(await firstValueFrom(api.get('data:text/plain,hi', { responseType: 'text' }))).toBe('hi');
});

it('a client leaves it to axios to refuse a URL whose scheme axios does not know', async () => {
  const error = await errorOf(createClient({}).get('foo://x/y'));
  expect(error.message).toContain('Unsupported protocol');
});
