import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { appOfTest, type ConsumerApp, installApp } from './consumer-app.ts';
import { fixture, inFolder, peers, sources } from './sources.ts';
import { subpaths } from './subpaths.ts';
import { cannotRun, proves, type WorksWith } from './works-with.ts';

const angular = Object.fromEntries(
  ['common', 'compiler', 'core', 'platform-browser'].map((name) => [`@angular/${name}`, '>=19.0.0']),
);
const scripts = ['imports.mjs', 'rotation.mjs', 'run.mjs', 'run.cjs', 'copies.mjs'];

let app: ConsumerApp;
beforeAll(async () => {
  const dependencies = { ...peers, ...angular };
  const { esm, cjs } = await sources(dependencies);
  app = await installApp({
    dependencies,
    files: {
      ...Object.fromEntries(
        await Promise.all(scripts.map(async (name) => [name, await fixture(`package/${name}`)] as const)),
      ),
      ...inFolder('esm', { ...withCompiler(esm), 'package.json': { type: 'module' } }),
      ...inFolder('cjs', { ...withCompiler(cjs), 'package.json': { type: 'commonjs' } }),
    },
  });
  return () => app.remove();
});

const runtimes = [
  { tool: 'Node.js 20.19', name: 'node', range: '~20.19.0' },
  { tool: 'Node.js 22', name: 'node', range: '^22.0.0' },
  { tool: 'Node.js 24', name: 'node', range: '^24.0.0' },
  { tool: 'Node.js 26', name: 'node', range: '^26.0.0' },
  { tool: 'Bun 1', name: 'bun', range: '^1.0.0' },
  { tool: 'Deno 2', name: 'deno', range: '^2.0.0', options: 'run -A ' },
];

describe('a runtime on a server', () => {
  it.for(runtimes)(
    '$tool imports and requires every subpath, and its two copies work together',
    async (runtime, context) => {
      const { tool, name, range, options = '' } = runtime;
      const how = '`import`, `require()`, and both in one process; every subpath; axios over `http` and `fetch`';
      const claim: WorksWith = { section: 'Runtimes', tool, how };
      const command = `${await commandOf(name, range, context, claim)} ${options}`;

      const names = subpaths.map((subpath) => subpath.name);
      const exported = JSON.parse(await app.run(`${command}imports.mjs ${names.join(' ')}`)) as Record<
        string,
        string[][]
      >;
      for (const subpath of names) {
        const [imported = [], required] = exported[subpath] ?? [];
        expect(imported.length).toBeGreaterThan(0);
        expect(required).toEqual(expect.arrayContaining(imported));
      }
      for (const folder of ['esm', 'cjs']) expect(await app.run(`${command}main.js`, folder)).toBe('healed\n');
      for (const adapter of ['http', 'fetch'])
        for (const script of ['run.mjs', 'run.cjs', 'copies.mjs'])
          expect(await app.run(`${command}${script} ${adapter}`)).toBe('');
    },
  );
});

it('workerd runs a bundle of every subpath that needs nothing of Node', async (context) => {
  const claim: WorksWith = { section: 'Runtimes', tool: 'workerd 1', how: 'a bundle by esbuild' };
  const { typescript } = await sources(peers, 'browser');
  const worker = await appOfTest({
    dependencies: { ...peers, workerd: '^1.0.0' },
    files: {
      ...typescript,
      'worker.ts': await fixture('apps/worker.ts'),
      'worker.capnp': await fixture('apps/worker.capnp'),
    },
    scripts: ['workerd'],
  }).catch((error: unknown) => cannotRun(context, claim, `it cannot be installed here: ${String(error)}`));
  await worker.run('workerd --version').catch((error: unknown) => cannotRun(context, claim, String(error)));
  const { outputFiles } = await build({
    entryPoints: [path.join(worker.folder, 'worker.ts')],
    bundle: true,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    write: false,
    logLevel: 'silent',
  });
  await writeFile(path.join(worker.folder, 'worker.mjs'), outputFiles[0]?.text ?? '');
  await proves(context.task, worker, 'workerd', claim);
  expect(await worker.run('workerd test worker.capnp')).toContain('[ PASS ] main');
});

/**
 * Adds Angular's compiler, because Angular's packages leave a part of their compilation to an application's build, and there is none here.
 */
function withCompiler(files: Readonly<Record<string, string>>): Record<string, string> {
  const text = files['main.js'] ?? '';
  const first = text.includes('require(') ? `require('@angular/compiler');\n` : `import '@angular/compiler';\n`;
  return { ...files, 'main.js': first + text };
}

/** Installs a runtime by its package. Skips the test where the registry has none for this machine. */
async function commandOf(name: string, range: string, context: TestContext, claim: WorksWith): Promise<string> {
  try {
    const runtime = await appOfTest({ dependencies: { [name]: range }, scripts: [name] });
    const said = await runtime.run(`./${name} --version`);
    if (!said.includes(await runtime.version(name))) throw new Error(`its version is ${said}`);
    await proves(context.task, runtime, name, claim);
    return path.relative(
      path.join(app.folder, 'node_modules/.bin'),
      path.join(runtime.folder, 'node_modules/.bin', name),
    );
  } catch (error) {
    return cannotRun(context, claim, `it cannot be installed here: ${String(error)}`);
  }
}
