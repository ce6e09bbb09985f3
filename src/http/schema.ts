import type { StandardSchemaV1 } from '@standard-schema/spec';
import { SchemaMismatchError } from '../session/index.ts';
import type { Execute } from './client-request.ts';
import { hideRequest } from './conceal-token.ts';

/** The same exchange, whose responses have the body that the schema makes of theirs. */
export function withSchema(exchange: Execute, schema: StandardSchemaV1): Execute {
  return (request, project, sent) =>
    exchange(
      request,
      async (response) => {
        const data = await validated(schema, response.data);
        // `request` is not enumerable, and so a spread leaves it out.
        const valid = { ...response, data, request: response.request as unknown };
        hideRequest(valid);
        return project(valid);
      },
      sent,
    );
}

/** The body as its schema makes it. */
async function validated(schema: StandardSchemaV1, body: unknown): Promise<unknown> {
  const result = await schema['~standard'].validate(body);
  if (result.issues) throw new SchemaMismatchError(result.issues);
  return result.value;
}
