import type { StandardSchemaV1 } from '@standard-schema/spec';
import { SchemaMismatchError } from '../session/index.ts';
import type { Execute } from './client-request.ts';
import { withData } from './conceal-token.ts';

/** Wraps the function that sends requests, so that the body of each response is the output of the schema. */
export function withSchema(exchange: Execute, schema: StandardSchemaV1): Execute {
  return (request, project, onSend) =>
    exchange(
      request,
      async (response) => {
        const data = await validated(schema, response.data);
        return project(withData(response, data));
      },
      onSend,
    );
}

/** @throws SchemaMismatchError if the body does not match the schema */
async function validated(schema: StandardSchemaV1, body: unknown): Promise<unknown> {
  const result = await schema['~standard'].validate(body);
  if (result.issues) throw new SchemaMismatchError(result.issues);
  return result.value;
}
