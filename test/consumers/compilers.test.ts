import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { installApp } from './consumer-app.ts';

const consumer = await readFile(new URL('../package/fixtures/consumer.ts', import.meta.url), 'utf8');

/** The versions that `npm test` does not cover. They check the declarations, too: `skipLibCheck` is off. */
describe.each(['5.2', '5.3', '5.4', '5.5', '5.6', '5.7', '5.8'])('TypeScript %s', (version) => {
  it('accepts the declarations, from ES modules and CommonJS, with every module resolution', async () => {
    const command = await installApp({
      dependencies: { axios: '^1.7.0', rxjs: '^7.5.5', typescript: `~${version}.0` },
      files: {
        'consumer.ts': consumer,
        'consumer.mts': consumer,
        ...Object.fromEntries(
          [
            ['node10', 'commonjs'],
            ['node16', 'node16'],
            ['nodenext', 'nodenext'],
            ['bundler', 'esnext'],
          ].map(([moduleResolution, module]) => [
            `tsconfig.${String(moduleResolution)}.json`,
            project(moduleResolution, module),
          ]),
        ),
      },
    });
    for (const resolution of ['node10', 'node16', 'nodenext', 'bundler'])
      expect(await command(`tsc -p tsconfig.${resolution}.json`)).toBe('');
  });
});

function project(moduleResolution: string | undefined, module: string | undefined): string {
  const compilerOptions = {
    module,
    moduleResolution,
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: [],
    strict: true,
    esModuleInterop: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  };
  return JSON.stringify({ compilerOptions, files: ['consumer.ts', 'consumer.mts'] });
}
