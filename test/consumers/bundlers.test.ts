import { describe, expect, it } from 'vitest';
import { appOfTest, type Files } from './consumer-app.ts';
import { inFolder, peers, type Sources, sources } from './sources.ts';
import { proves } from './works-with.ts';

interface Bundler {
  readonly tool: string;
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
  /** Writes `out/bundle.mjs` or `out/bundle.cjs`. */
  readonly command: string;
  readonly config: (platform: 'node' | 'browser', format: 'mjs' | 'cjs') => Files;
}

const rollupPlugins = ['node-resolve', 'commonjs', 'json'];
const viteConfig = {
  node: `{ build: { ssr: 'main.js', outDir: 'out', rollupOptions: { output: { entryFileNames: 'bundle.mjs' } } }, ssr: { noExternal: true } }`,
  browser: `{ build: { outDir: 'out', modulePreload: false, rollupOptions: { input: 'main.js', output: { entryFileNames: 'bundle.mjs' } } } }`,
};

const bundlers: readonly Bundler[] = [
  {
    tool: 'webpack 5',
    name: 'webpack',
    dependencies: { webpack: '^5.0.0', 'webpack-cli': '^6.0.0' },
    command: 'webpack',
    config: (platform) => ({
      'webpack.config.cjs': `module.exports = {
        mode: 'production', target: '${platform === 'node' ? 'node' : 'web'}', entry: './main.js',
        output: { path: __dirname + '/out', filename: 'bundle.cjs' },
      };\n`,
    }),
  },
  {
    tool: 'Rollup 4',
    name: 'rollup',
    dependencies: {
      rollup: '^4.0.0',
      '@rollup/plugin-node-resolve': '^16.0.0',
      '@rollup/plugin-commonjs': '>=28.0.0',
      '@rollup/plugin-json': '^6.0.0',
    },
    command: 'rollup -c rollup.config.mjs',
    config: (platform, format) => ({
      'rollup.config.mjs': [
        ...rollupPlugins.map((name) => `import ${name.replace('-', '')} from '@rollup/plugin-${name}';`),
        `const resolution = { browser: ${String(platform === 'browser')}, exportConditions: ['${platform}'], preferBuiltins: true };`,
        `const plugins = [noderesolve(resolution), commonjs(), json()];`,
        `const output = { file: 'out/bundle.${format}', format: '${format === 'cjs' ? 'cjs' : 'es'}' };`,
        `export default { input: 'main.js', output, plugins };\n`,
      ].join('\n'),
    }),
  },
  {
    tool: 'Vite 8',
    name: 'vite',
    dependencies: { vite: '^8.0.0' },
    command: 'vite build',
    config: (platform) => ({ 'vite.config.mjs': `export default ${viteConfig[platform]};\n` }),
  },
  {
    tool: 'esbuild 0.28',
    name: 'esbuild',
    dependencies: { esbuild: '^0.28.0' },
    command: 'node build.mjs',
    config: (platform, format) => ({
      'build.mjs': `import { buildSync } from 'esbuild';
        buildSync({
          entryPoints: ['main.js'], bundle: true, platform: '${platform}', outfile: 'out/bundle.${format}',
          format: '${format === 'cjs' ? 'cjs' : 'esm'}', logLevel: 'silent',
          banner: { js: ${JSON.stringify(format === 'mjs' && platform === 'node' ? requireOfNode : '')} },
        });\n`,
    }),
  },
];

/** Without it a CommonJS module in a bundle that is an ES module cannot reach what Node itself has. */
const requireOfNode = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

const combinations = (['node', 'browser'] as const).flatMap((platform) =>
  (['esm', 'cjs'] as const).map((kind) => ({ platform, kind, folder: `${platform}-${kind}` })),
);
const all: Readonly<Record<'node' | 'browser', Sources>> = {
  node: await sources(peers, 'node'),
  browser: await sources(peers, 'browser'),
};

describe.for(bundlers)('$tool', ({ tool, name, dependencies, command, config }) => {
  it('bundles every subpath for Node and for browsers, of ES modules and CommonJS', async ({ task }) => {
    // Vite's own bundles are ES modules; webpack's are scripts.
    const extensionOf = (kind: 'esm' | 'cjs'): 'mjs' | 'cjs' =>
      name === 'webpack' ? 'cjs' : name === 'vite' || kind === 'esm' ? 'mjs' : 'cjs';
    const known = combinations.filter(({ kind }) => name !== 'vite' || kind === 'esm');
    const app = await appOfTest({
      dependencies: { ...peers, ...dependencies },
      files: Object.assign(
        {},
        ...known.map(({ platform, kind, folder }) =>
          inFolder(folder, {
            ...all[platform][kind],
            ...config(platform, extensionOf(kind)),
            'package.json': { type: kind === 'esm' ? 'module' : 'commonjs' },
          }),
        ),
      ) as Files,
    });
    const how = `for Node and for browsers, of ES modules${name === 'vite' ? '' : ' and CommonJS'}`;
    await proves(task, app, name, { section: 'Bundlers', tool, how });
    for (const { kind, folder } of known) {
      await app.run(command, folder);
      // The bundle for browsers runs in Node as well, because the scenario's server is a function.
      expect(await app.run(`node out/bundle.${extensionOf(kind)}`, folder)).toBe('healed\n');
    }
  });
});
