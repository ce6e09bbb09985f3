import type { StandardSchemaV1 } from '@standard-schema/spec';
import { SluiceError } from '../session/index.ts';

/** An answer's body is not what its schema says. */
export class SchemaMismatchError extends SluiceError {
  override readonly name = 'SchemaMismatchError' as const;
  readonly code = 'schema-mismatch' as const;
  /** What is wrong, and where, in the schema library's words. */
  readonly issues: readonly StandardSchemaV1.Issue[];

  constructor(issues: readonly StandardSchemaV1.Issue[]) {
    const [first] = issues;
    const path = first?.path?.map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
    super(
      `The answer does not fit its schema: ${first?.message ?? 'no reason given'}${path ? ` (at ${path})` : ''}. See \`issues\`.`,
    );
    this.issues = issues;
  }
}

/** The body as its schema makes it. */
export async function validated(schema: StandardSchemaV1, body: unknown): Promise<unknown> {
  const result = await schema['~standard'].validate(body);
  if (result.issues) throw new SchemaMismatchError(result.issues);
  return result.value;
}
