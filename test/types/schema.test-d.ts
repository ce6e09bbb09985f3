import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Client } from 'sluice';
import { test } from 'vitest';

declare const api: Client;
declare const schema: StandardSchemaV1<string, Date>;

test('a type that the schema does not give is refused', () => {
  // @ts-expect-error -- the schema makes a Date
  void api.get<{ id: number }>('/when', { schema });
  // @ts-expect-error -- the schema makes a Date
  void api.post<{ id: number }>('/when', 1, { schema });
  // @ts-expect-error -- the schema makes a Date
  void api.request<{ id: number }>({ url: '/when', schema });
});
