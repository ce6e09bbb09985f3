import type { TestProject } from 'vitest/node';
import { buildExample } from '../../scripts/build-example.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /**
     * Builds the Angular example for production. Provides the folder with `index.html`, or the reason why there is
     * none.
     */
    angularExample: string | { readonly reason: string };
  }
}

export default async function setup(project: TestProject): Promise<void> {
  project.provide('angularExample', await buildExample().catch((error: unknown) => ({ reason: String(error) })));
}
