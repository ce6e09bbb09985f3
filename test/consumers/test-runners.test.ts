import { beforeAll, describe, expect, it } from 'vitest';
import { type ConsumerApp, installApp } from './consumer-app.ts';
import { inFolder, peers, sources } from './sources.ts';
import { proves } from './works-with.ts';

const imported = `import './subpaths';\nimport { scenario } from './scenario';\n`;
const required = `require('./subpaths');\nconst { scenario } = require('./scenario');\n`;
const test = `test('heals', async () => expect(await scenario()).toBe('healed'));\n`;

const { typescript, cjs } = await sources(peers, 'browser');
const files = {
  ...inFolder('plain', { ...cjs, 'package.json': {}, 'scenario.test.js': required + test }),
  ...inFolder('ts-jest', {
    ...typescript,
    'package.json': { jest: { preset: 'ts-jest' } },
    'scenario.test.ts': imported + test,
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
      expect(await app.run(`jest --env=${environment}`, folder)).toContain('1 passed');
    });
  });
});
