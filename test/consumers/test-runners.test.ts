import { beforeAll, describe, expect, it } from 'vitest';
import { appOfTest, type ConsumerApp, installApp } from './consumer-app.ts';
import { transform } from 'esbuild';
import { fixture, inFolder, peers, sources } from './sources.ts';
import { proves } from './works-with.ts';

const imported = `import './subpaths';\nimport { scenario } from './scenario';\n`;
const required = `require('./subpaths');\nconst { scenario } = require('./scenario');\n`;
const test = `test('heals', async () => expect(await scenario()).toBe('healed'));\n`;

/** A test of the test kit, on the clock of Jest. */
const kitTest = `
beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());
test('the test kit', async () => expect(await kit(jest)).toBe('tested'));
`;

const { typescript, cjs } = await sources(peers, 'browser');
const kit = await fixture('kit.ts');
const { code: kitInCommonJS } = await transform(kit, { loader: 'ts', format: 'cjs' });
const files = {
  ...inFolder('plain', {
    ...cjs,
    'package.json': {},
    'scenario.test.js': required + test,
    'kit.js': kitInCommonJS,
    'kit.test.js': `const { kit } = require('./kit');\n${kitTest}`,
  }),
  ...inFolder('ts-jest', {
    ...typescript,
    'package.json': { jest: { preset: 'ts-jest' } },
    'scenario.test.ts': imported + test,
    'kit.ts': kit,
    'kit.test.ts': `import { kit } from './kit';\n${kitTest}`,
    'tsconfig.json': {
      compilerOptions: {
        target: 'es2022',
        module: 'commonjs',
        moduleResolution: 'node10',
        strict: true,
        esModuleInterop: true,
        lib: ['es2022', 'dom'],
        types: ['jest', 'node'],
      },
    },
  }),
  ...inFolder('babel', {
    ...typescript,
    'package.json': {},
    'scenario.test.ts': imported + test,
    'babel.config.json': {
      presets: [['@babel/preset-env', { targets: { node: 'current' } }], '@babel/preset-typescript'],
    },
  }),
};

const ways = [
  { title: 'with no configuration', folder: 'plain' },
  { title: 'by ts-jest', folder: 'ts-jest' },
  { title: 'by Babel', folder: 'babel' },
];

describe.for(['29', '30'])('Jest %s', (version) => {
  const range = `^${version}.0.0`;
  let app: ConsumerApp;
  beforeAll(async () => {
    app = await installApp({
      dependencies: {
        ...peers,
        ...Object.fromEntries(['jest', '@types/jest', 'jest-environment-jsdom'].map((name) => [name, range])),
        ...Object.fromEntries(['core', 'preset-env', 'preset-typescript'].map((name) => [`@babel/${name}`, '^7.0.0'])),
        'ts-jest': '^29.4.0',
        typescript: '~5.9.0',
        '@types/node': '^20.19.0',
      },
      files,
    });
    return () => app.remove();
  });

  describe.for(['node', 'jsdom'])('in the environment %s', (environment) => {
    it.for(ways)('runs a test that imports every subpath, $title', async ({ title, folder }, { task }) => {
      const how = `${title}, in the environment ${environment}`;
      await proves(task, app, 'jest', { section: 'Test runners', tool: `Jest ${version}`, how });
      expect(await app.run(`jest --env=${environment} scenario`, folder)).toContain('1 passed');
    });

    it('runs the test kit on the clock of Jest', async ({ task }) => {
      const how = `the test kit, in the environment ${environment}`;
      await proves(task, app, 'jest', { section: 'Test runners', tool: `Jest ${version}`, how });
      for (const folder of environment === 'node' ? ['plain', 'ts-jest'] : ['plain'])
        expect(await app.run(`jest --env=${environment} kit`, folder)).toContain('1 passed');
    });
  });

  it('runs the test kit where fake timers are in use before it is loaded', async () => {
    const config = JSON.stringify({ fakeTimers: { enableGlobally: true } });
    expect(await app.run(`jest --env=node --config=${config} --rootDir=. kit`, 'plain')).toContain('1 passed');
  });
});

it('Jasmine runs the test kit on a clock of Sinon', async ({ task }) => {
  const spec = `
    const FakeTimers = require('@sinonjs/fake-timers');
    const { kit } = require('../kit');
    let clock;
    beforeEach(() => { clock = FakeTimers.install(); });
    afterEach(() => clock.uninstall());
    it('the test kit', async () => expect(await kit(clock)).toBe('tested'));
  `;
  const app = await appOfTest({
    dependencies: { ...peers, jasmine: '^6.0.0', '@sinonjs/fake-timers': '^15.0.0' },
    files: { 'kit.js': kitInCommonJS, 'spec/kit.spec.js': spec },
  });
  const how = 'the test kit, with the clock of @sinonjs/fake-timers';
  await proves(task, app, 'jasmine', { section: 'Test runners', tool: 'Jasmine 6', how });
  expect(await app.run('jasmine spec/kit.spec.js')).toContain('1 spec, 0 failures');
});
