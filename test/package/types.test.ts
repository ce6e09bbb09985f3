import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { consumers } from './consumers.ts';

const { apps, compilers } = consumers();
const run = promisify(execFile);

/** RxJS says where its types are, in a way that these resolutions follow, since 7.5.5 only. */
const oldRxjs = {
  rxjs: ['./node_modules/rxjs/dist/types/index.d.ts'],
  'rxjs/*': ['./node_modules/rxjs/dist/types/*/index.d.ts'],
};

const programs = [
  {
    peers: 'the newest peers, or without axios',
    app: apps.newest,
    files: ['consumer.ts', 'consumer-angular.ts', path.join(apps.withoutAxios, 'without-axios.ts')],
  },
  { peers: 'the oldest peers', app: apps.oldest, files: ['consumer.ts', 'consumer-angular.ts'], paths: oldRxjs },
];

const resolutions = [
  { moduleResolution: 'nodenext', module: 'nodenext' },
  { moduleResolution: 'bundler', module: 'esnext' },
];

/** The declarations themselves are checked too: `skipLibCheck` is off. */
describe.each(Object.entries(compilers))('TypeScript %s accepts what apps write', (version, compiler) => {
  describe.each(resolutions)('with $moduleResolution resolution', (resolution) => {
    it.each(programs)('and $peers', async ({ app, files, paths = {} }) => {
      const compilerOptions = {
        ...resolution,
        paths,
        target: 'es2022',
        lib: ['es2022', 'dom'],
        types: [],
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
      };
      const project = path.join(app, `tsconfig.${version}.${resolution.module}.json`);
      await writeFile(project, JSON.stringify({ compilerOptions, files }));
      const { stdout: errors } = await run(process.execPath, [compiler, '-p', project], { cwd: app }).catch(
        (failure: unknown) => failure as { stdout: string },
      );
      expect(errors).toBe('');
    });
  });
});
