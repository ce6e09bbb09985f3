import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { installApp } from './consumer-app.ts';

const fixture = (name: string): Promise<string> => readFile(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const scenario = await fixture('scenario.ts');
const asJavaScript = async (format: 'cjs' | 'esm'): Promise<string> =>
  (await transform(scenario, { loader: 'ts', format })).code;
const required = await asJavaScript('cjs');
const imported = await asJavaScript('esm');

const peers = { axios: '^1.7.0', rxjs: '^7.4.0' };
const typescript = { typescript: '~5.9.0', '@types/node': '^20.19.0' };
const main = `import { scenario } from './scenario';\nvoid scenario().then(console.log);\n`;
const compilerOptions = {
  target: 'es2022',
  module: 'commonjs',
  moduleResolution: 'node10',
  strict: true,
  esModuleInterop: true,
  skipLibCheck: false,
  lib: ['es2022', 'dom'],
  types: ['node'],
};
const tsconfig = (options: object = {}): string =>
  JSON.stringify({ compilerOptions: { ...compilerOptions, ...options } });

describe.each(['29', '30'])('Jest %s', (version) => {
  const jest = { jest: `^${version}.0.0`, [`@types/jest`]: `^${version}.0.0` };

  it('runs a test that requires Sluice, without configuration', async () => {
    const test = `const { scenario } = require('./scenario');\ntest('heals', async () => expect(await scenario()).toBe('healed'));\n`;
    const command = await installApp({
      dependencies: { ...peers, ...jest },
      files: { 'scenario.js': required, 'scenario.test.js': test },
    });
    expect(await command('jest')).toContain('1 passed');
  });

  it('runs a test in TypeScript by ts-jest', async () => {
    const test = `import { scenario } from './scenario';\ntest('heals', async () => expect(await scenario()).toBe('healed'));\n`;
    const command = await installApp({
      dependencies: { ...peers, ...jest, ...typescript, 'ts-jest': '^29.4.0' },
      files: {
        'scenario.ts': scenario,
        'scenario.test.ts': test,
        'tsconfig.json': tsconfig({ types: ['jest', 'node'] }),
        'jest.config.js': `module.exports = { preset: 'ts-jest' };\n`,
      },
    });
    expect(await command('jest')).toContain('1 passed');
  });
});

describe('TypeScript without a build', () => {
  const files = { 'scenario.ts': scenario, 'main.ts': main };

  it.each([
    ['node10', {}],
    ['nodenext', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ])('ts-node runs a CommonJS app with %s resolution', async (_, options) => {
    const command = await installApp({
      dependencies: { ...peers, ...typescript, 'ts-node': '^10.9.0' },
      files: { ...files, 'tsconfig.json': tsconfig(options) },
    });
    expect(await command('ts-node main.ts')).toBe('healed\n');
  });

  it.each(['commonjs', 'module'] as const)('tsx runs an app of type %s', async (type) => {
    const command = await installApp({ dependencies: { ...peers, tsx: '^4.0.0' }, files, type });
    expect(await command('tsx main.ts')).toBe('healed\n');
  });
});

describe('a NestJS app', () => {
  it.each([
    ['11', 'nodenext'],
    ['11', 'node10'],
  ])('of version %s, compiled to CommonJS with %s resolution, works with Sluice', async (version, resolution) => {
    const module = resolution === 'node10' ? 'commonjs' : resolution;
    const nest = Object.fromEntries(
      ['common', 'core', 'platform-express'].map((name) => [`@nestjs/${name}`, `^${version}.0.0`]),
    );
    const command = await installApp({
      dependencies: { ...peers, ...typescript, ...nest, 'reflect-metadata': '^0.2.0' },
      files: {
        'src/scenario.ts': scenario,
        'src/main.ts': await fixture('nest.ts'),
        // Nest's own declarations do not compile without these options; `nest new` sets them as well.
        'tsconfig.json': tsconfig({
          module,
          moduleResolution: resolution,
          outDir: 'dist',
          emitDecoratorMetadata: true,
          experimentalDecorators: true,
          skipLibCheck: true,
        }),
      },
    });
    await command('tsc');
    expect(await command('node dist/main.js')).toBe('healed\n');
  });
});

describe('a bundle for Node works', () => {
  const entry = `import { scenario } from './scenario.js';\nvoid scenario().then(console.log);\n`;
  const esm = { 'scenario.js': imported, 'main.js': entry };
  const cjs = {
    'scenario.js': required,
    'main.js': `const { scenario } = require('./scenario.js');\nvoid scenario().then(console.log);\n`,
  };

  it.each([
    ['an ES module', 'module', esm],
    ['CommonJS', 'commonjs', cjs],
  ] as const)('when webpack has made it from %s', async (_, type, files) => {
    const webpack = `{ mode: 'production', target: 'node', entry: './main.js', output: { filename: 'bundle.cjs' } }`;
    const command = await installApp({
      dependencies: { ...peers, webpack: '^5.0.0', 'webpack-cli': '^6.0.0' },
      files: { ...files, 'webpack.config.cjs': `module.exports = ${webpack};\n` },
      type,
    });
    await command('webpack');
    expect(await command('node dist/bundle.cjs')).toBe('healed\n');
  });

  it.each([
    ['an ES module', 'module', esm],
    ['CommonJS', 'commonjs', cjs],
  ] as const)('when Rollup has made it from %s', async (_, type, files) => {
    const plugins = ['node-resolve', 'commonjs', 'json'];
    const config = [
      ...plugins.map((name) => `import ${name.replace('-', '')} from '@rollup/plugin-${name}';`),
      `const plugins = [noderesolve({ exportConditions: ['node'], preferBuiltins: true }), commonjs(), json()];`,
      `export default { input: 'main.js', output: { file: 'dist/bundle.cjs', format: 'cjs' }, plugins };`,
    ];
    const command = await installApp({
      dependencies: {
        ...peers,
        rollup: '^4.0.0',
        '@rollup/plugin-node-resolve': '^16.0.0',
        '@rollup/plugin-commonjs': '*',
        '@rollup/plugin-json': '^6.0.0',
      },
      files: { ...files, 'rollup.config.mjs': config.join('\n') },
      type,
    });
    await command('rollup -c rollup.config.mjs');
    expect(await command('node dist/bundle.cjs')).toBe('healed\n');
  });

  it('when Vite has made it from an ES module', async () => {
    const config = `export default { build: { ssr: 'main.js' }, ssr: { noExternal: true } };\n`;
    const command = await installApp({
      dependencies: { ...peers, vite: '^8.0.0' },
      files: { ...esm, 'vite.config.js': config },
      type: 'module',
    });
    await command('vite build');
    expect(await command('node dist/main.js')).toBe('healed\n');
  });
});
