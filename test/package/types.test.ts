import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { version } from 'typescript';
import { describe, expect, it } from 'vitest';
import { consumerFiles, oldRxjsPaths, resolutionsOf, strictApp } from '../consumers/compilers.ts';
import { consumers } from './consumers.ts';

const { apps } = consumers();
const run = promisify(execFile);
const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));

/** Returns the errors of TypeScript in an app. */
async function errorsIn(app: string, project: string, settings: object): Promise<string> {
  const file = path.join(app, project);
  await writeFile(file, JSON.stringify(settings));
  const { stdout } = await run(process.execPath, [compiler, '-p', file], { cwd: app }).catch(
    (failure: unknown) => failure as { stdout: string },
  );
  return stdout;
}

/** `npm run test:consumers` compiles them with nine more versions of TypeScript, and with the oldest peers in all resolutions. */
describe('the TypeScript of this repository accepts what apps write', () => {
  it.each(resolutionsOf(version))('with $moduleResolution resolution', async (resolution) => {
    const files = consumerFiles(resolution);
    const compilerOptions = strictApp(version, resolution);
    const project = `tsconfig.${resolution.moduleResolution}.json`;
    expect(await errorsIn(apps.newest, project, { compilerOptions, files })).toBe('');
  });

  it('with the oldest peers', async () => {
    const resolution = { moduleResolution: 'nodenext', module: 'nodenext' };
    const compilerOptions = { ...strictApp(version, resolution), paths: oldRxjsPaths };
    const settings = { compilerOptions, files: consumerFiles(resolution) };
    expect(await errorsIn(apps.oldest, 'tsconfig.oldest.json', settings)).toBe('');
  });

  it('without axios', async () => {
    const compilerOptions = strictApp(version, { moduleResolution: 'nodenext', module: 'nodenext' });
    const settings = { compilerOptions, files: ['without-axios.ts'] };
    expect(await errorsIn(apps.withoutAxios, 'tsconfig.without-axios.json', settings)).toBe('');
  });
});
