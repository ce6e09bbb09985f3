import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ConsumerApp, emptyApp, packed } from './consumer-app.ts';
import { fixture, peers } from './sources.ts';
import { proves } from './works-with.ts';

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

const applications = [
  {
    version: '11',
    nestAxios: '^4.0.0',
    type: 'cjs',
    runner: 'Jest 30',
    test: 'jest',
    e2e: 'jest --config test/jest-e2e.json',
  },
  {
    version: '12',
    nestAxios: '^12.0.0',
    type: 'cjs',
    runner: 'Jest 30',
    test: 'node --experimental-vm-modules node_modules/jest/bin/jest.js',
    e2e: 'node --experimental-vm-modules node_modules/jest/bin/jest.js --config test/jest-e2e.json',
  },
  {
    version: '12',
    nestAxios: '^12.0.0',
    type: 'esm',
    runner: 'Vitest',
    test: 'vitest run',
    e2e: 'vitest run --config vitest.config.e2e.ts',
  },
] as const;

describe.concurrent('an application as `nest new` makes it', () => {
  it.for(applications)(
    'of version $version ($type, $runner) builds, tests and answers with a session on HttpService',
    async ({ version, nestAxios, type, runner, test, e2e }, { task, onTestFinished }) => {
      const app = await emptyApp();
      onTestFinished(() => app.remove());
      await makeApplication(app, version, type, { ...packed(), axios: peers.axios, '@nestjs/axios': nestAxios });
      const kind = type === 'cjs' ? 'CommonJS' : 'ES module';
      const how = `as \`nest new\` makes it: ${kind}, \`nodenext\`, ${runner}; \`HttpService\` of @nestjs/axios`;
      await proves(task, app, '@nestjs/core', { section: 'Frameworks', tool: `NestJS ${version}`, how });

      await app.run('nest build');
      expect(await app.run('node dist/check.js')).toBe('healed\n');
      const passed = runner === 'Vitest' ? /Tests +3 passed/ : /Tests: +3 passed/;
      expect(await app.run(test)).toMatch(passed);
      expect(await app.run(e2e)).toMatch(/1 passed/);
    },
  );
});

/** Makes an application by Nest's own templates, and adds what needs Sluice. */
async function makeApplication(
  app: ConsumerApp,
  version: string,
  type: 'cjs' | 'esm',
  dependencies: Readonly<Record<string, string>>,
): Promise<void> {
  await app.write({ 'package.json': { private: true, devDependencies: { '@nestjs/cli': `^${version}.0.0` } } });
  await app.install();
  await rm(path.join(app.folder, 'package.json'));
  // The options of the schematic that `nest new` runs. `nest new` asks for the type of modules; here it has to be given.
  const options = [
    '--name=app',
    '--directory=.',
    '--package-manager=npm',
    ...(version === '11' ? [] : [`--type=${type}`]),
  ];
  await app.run(`schematics @nestjs/schematics:application ${options.join(' ')}`);

  const manifest = JSON.parse(await app.read('package.json')) as Manifest;
  Object.assign(manifest.dependencies, dependencies);
  // Leave out the tools that neither build nor test the application, because installing them takes time.
  const wanted = Object.entries(manifest.devDependencies).filter(
    ([name]) => !/lint|prettier|globals|coverage|mau/.test(name),
  );
  const source = async (name: string): Promise<string> => {
    const text = await fixture(`apps/nest/${name}`);
    return type === 'esm' ? text : text.replaceAll(/(from '\.[^']*)\.js'/g, "$1'");
  };
  await app.write({
    'package.json': { ...manifest, devDependencies: Object.fromEntries(wanted) },
    'src/upstream.ts': await source('upstream.ts'),
    'src/upstream.spec.ts': await source('upstream.spec.ts'),
    'src/check.ts': await source('check.ts'),
  });
  await app.install();
}
