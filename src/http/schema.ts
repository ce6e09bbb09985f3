import type { StandardSchemaV1 } from '@standard-schema/spec';
import { SchemaMismatchError } from '../session/index.ts';

/** The body as its schema makes it. */
export async function validated(schema: StandardSchemaV1, body: unknown): Promise<unknown> {
  const result = await schema['~standard'].validate(body);
  if (result.issues) throw new SchemaMismatchError(result.issues);
  return result.value;
}
