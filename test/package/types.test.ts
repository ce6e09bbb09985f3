import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { consumers } from './consumers.ts';

const { apps, compilers } = consumers();
const run = promisify(execFile);

/** Only from 7.5.5 on does RxJS declare its types in a way that these resolutions follow. */
const oldRxjs = {
  rxjs: ['./node_modules/rxjs/dist/types/index.d.ts'],
  'rxjs/*': ['./node_modules/rxjs/dist/types/*/index.d.ts'],
};

/** An ES module, a CommonJS module with the same text, and one that uses types of both kinds. */
const modules = ['consumer.ts', 'consumer-angular.ts', path.join(apps.withoutAxios, 'without-axios.ts')];
const scripts = ['consumer.cts', 'mixed.cts'];

const resolutions = [
  { moduleResolution: 'nodenext', module: 'nodenext', files: [...modules, ...scripts, 'consumer-angular.cts'] },
  // No CommonJS module can import Angular, which is an ES module.
  { moduleResolution: 'node16', module: 'node16', files: [...modules, ...scripts] },
  { moduleResolution: 'bundler', module: 'esnext', files: modules },
  // `node10` ignores `exports`, the only place where Angular declares its types.
  { moduleResolution: 'node10', module: 'commonjs', files: ['consumer.ts'], last: 6 },
];

const peers = [
  { title: 'the newest peers', app: apps.newest },
  { title: 'the oldest peers', app: apps.oldest, paths: oldRxjs },
];

/** The declarations themselves are checked too: `skipLibCheck` is off. */
describe.each(Object.entries(compilers))('TypeScript %s accepts what apps write', (version, compiler) => {
  const [major = 0] = version.split('.').map(Number);
  const known = resolutions.filter(({ last = major }) => major <= last);
  describe.each(known)('with $moduleResolution resolution', ({ files, module, moduleResolution }) => {
    it.each(peers)('and $title', async ({ app, paths = {} }) => {
      const compilerOptions = {
        module,
        moduleResolution,
        paths,
        target: 'es2022',
        lib: ['es2022', 'dom'],
        types: [],
        strict: true,
        esModuleInterop: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
        ...(moduleResolution === 'node10' && major === 6 && { ignoreDeprecations: '6.0' }),
      };
      const project = path.join(app, `tsconfig.${version}.${moduleResolution}.json`);
      await writeFile(project, JSON.stringify({ compilerOptions, files }));
      const { stdout: errors } = await run(process.execPath, [compiler, '-p', project], { cwd: app }).catch(
        (failure: unknown) => failure as { stdout: string },
      );
      expect(errors).toBe('');
    });
  });
});
