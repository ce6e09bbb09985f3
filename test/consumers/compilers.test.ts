import { beforeAll, describe, expect, it } from 'vitest';
import { resolutionsOf, strictApp } from './compilers.ts';
import { type ConsumerApp, installApp } from './consumer-app.ts';
import { fixture, peers, sources } from './sources.ts';
import { proves } from './works-with.ts';

const versions = ['5.2', '5.3', '5.4', '5.5', '5.6', '5.7', '5.8', '5.9', '6.0', '7.0'];

const sessionOf = `import { attachSession, createClient, createSession, type Client } from 'sluice';
const session = createSession({ refresh: () => [{ accessToken: 'access' }] });
const take = (instance: Parameters<typeof attachSession>[0]): Client => {
  attachSession(instance, session);
  return createClient({ axios: instance, session });
};\n`;
const own = `import axios from 'axios';\n${sessionOf}
export const own: Client[] = [take(axios), take(axios.create())];
export const loaded = async (): Promise<Client> => take((await import('axios')).default.create());\n`;
/** Where axios has two sets of types that know nothing of each other, an ES module gets the other by `require`. */
const required = `import axios = require('axios');\n${sessionOf}
export const required: Client[] = [take(axios), take(axios.create())];\n`;

let app: ConsumerApp;
beforeAll(async () => {
  const { typescript } = await sources();
  const consumer = await fixture('package/consumer.ts');
  const alias = (version: string): [string, string] => [`typescript-${version}`, `npm:typescript@~${version}.0`];
  app = await installApp({
    dependencies: { ...peers, rxjs: '^7.5.5', ...Object.fromEntries(versions.map(alias)) },
    files: {
      'consumer.ts': consumer,
      'consumer.mts': consumer,
      'subpaths.ts': typescript['subpaths.ts'] ?? '',
      'subpaths.mts': typescript['subpaths.ts'] ?? '',
      'instances.ts': own,
      'instances.mts': own,
      'required.mts': required,
      'mixed.ts': await fixture('package/mixed.ts'),
    },
  });
  return () => app.remove();
});

/** The declarations themselves are checked, too: `skipLibCheck` is off. */
describe.concurrent.for(versions)('TypeScript %s', (version) => {
  const [major = 0, minor = 0] = version.split('.').map(Number);

  it.for(resolutionsOf(version))(
    'takes the declarations and the instances of axios, from ES modules and CommonJS, with $moduleResolution resolution',
    async (resolution, { task }) => {
      const { moduleResolution, module } = resolution;
      const twoSets = module.startsWith('node');
      const files = [
        ...['consumer', 'subpaths', 'instances'].flatMap((name) => [`${name}.ts`, `${name}.mts`]),
        ...(twoSets ? ['required.mts'] : []),
        // TypeScript 5.2 has no `resolution-mode`, which mixed.ts needs.
        ...(twoSets && (major > 5 || minor > 2) ? ['mixed.ts'] : []),
      ];
      const project = `tsconfig.${version}.${moduleResolution}.json`;
      const compilerOptions = strictApp(version, resolution);
      await app.write({ [project]: { compilerOptions, files } });
      const how = `\`${moduleResolution}\``;
      await proves(task, app, `typescript-${version}`, { section: 'Compilers', tool: `TypeScript ${version}`, how });
      expect(await app.run(`node node_modules/typescript-${version}/bin/tsc -p ${project}`)).toBe('');
    },
  );
});
