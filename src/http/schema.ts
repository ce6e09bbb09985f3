import type { StandardSchemaV1 } from '@standard-schema/spec';
import { SchemaMismatchError } from '../session/index.ts';
import type { Execute } from './client-request.ts';
import { hideRequest } from './conceal-token.ts';

/** Wraps the function that sends requests, so that the body of each response is the output of the schema. */
export function withSchema(exchange: Execute, schema: StandardSchemaV1): Execute {
  return (request, project, onSend) =>
    exchange(
      request,
      async (response) => {
        const data = await validated(schema, response.data);
        // The spread leaves out `request`, which is not enumerable, so add it again and hide it from loggers again.
        const valid = { ...response, data, request: response.request as unknown };
        hideRequest(valid);
        return project(valid);
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
