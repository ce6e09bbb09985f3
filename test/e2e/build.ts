import type { TestProject } from 'vitest/node';
import { buildExample } from '../../scripts/build-example.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The production build of the Angular example: the folder with `index.html`, or why there is none. */
    angularExample: string | { readonly reason: string };
  }
}

export default async function setup(project: TestProject): Promise<void> {
  project.provide('angularExample', await buildExample().catch((error: unknown) => ({ reason: String(error) })));
}
