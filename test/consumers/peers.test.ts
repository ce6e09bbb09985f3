import { beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { lowest } from '../package/lowest.ts';
import { consumerFiles, oldRxjsPaths, resolutionsOf, strictApp } from './compilers.ts';
import { type ConsumerApp, installApp } from './consumer-app.ts';
import { fixture } from './sources.ts';

const versions = ['5.9', '6.0', '7.0'];
const { axios, rxjs, '@angular/core': angular } = manifest.peerDependencies;
const peers = [
  { title: 'the newest peers', of: (range: string): string => range, others: {}, paths: {} },
  { title: 'the oldest peers', of: lowest, others: { 'zone.js': '~0.15.0' }, paths: oldRxjsPaths },
];

describe.each(peers)('with $title', ({ of, others, paths }) => {
  let app: ConsumerApp;
  beforeAll(async () => {
    const angularPackages = ['common', 'compiler', 'core', 'platform-browser'].map((name) => `@angular/${name}`);
    const compilers = versions.map((version) => [`typescript-${version}`, `npm:typescript@~${version}.0`]);
    const names = ['consumer', 'consumer-angular', 'mixed'];
    const texts = await Promise.all(names.map(async (name) => [name, await fixture(`package/${name}.ts`)] as const));
    app = await installApp({
      type: 'module',
      dependencies: {
        axios: of(axios),
        rxjs: of(rxjs),
        ...Object.fromEntries(angularPackages.map((name) => [name, of(angular)])),
        ...others,
        ...Object.fromEntries(compilers),
      },
      // Each file is compiled twice: as an ES module and as CommonJS.
      files: Object.fromEntries(
        texts.flatMap(([name, text]) => [`${name}.ts`, `${name}.cts`].map((file) => [file, text])),
      ),
    });
    return () => app.remove();
  });

  describe.each(versions)('TypeScript %s accepts what apps write', (version) => {
    it.each(resolutionsOf(version))('with $moduleResolution resolution', async (resolution) => {
      const project = `tsconfig.${version}.${resolution.moduleResolution}.json`;
      const compilerOptions = { ...strictApp(version, resolution), paths };
      await app.write({ [project]: { compilerOptions, files: consumerFiles(resolution) } });
      expect(await app.run(`node node_modules/typescript-${version}/bin/tsc -p ${project}`)).toBe('');
    });
  });
});
