import { defineConfig, type UserConfig } from 'tsdown';

/** `[Symbol.dispose]` in a declaration is an error for apps whose `lib` does not know it. */
const disposable = '/// <reference lib="esnext.disposable" preserve="true" />';

/**
 * One file for each subpath, as ES module and as CommonJS, and what several subpaths share in files beside them: importing 48 modules
 * takes Node six times as long. Bundlers drop what an app does not use by statements here, so each statement at the top of a module
 * has to be free of side effects (`test/package/contents.test.ts`).
 */
const config: UserConfig = defineConfig({
  entry: {
    index: 'src/index.ts',
    session: 'src/session/index.ts',
    fetch: 'src/fetch/index.ts',
    streams: 'src/streams/index.ts',
    operators: 'src/operators/index.ts',
    devtools: 'src/devtools/index.ts',
    browser: 'src/browser/index.ts',
    node: 'src/node/index.ts',
    redis: 'src/redis/index.ts',
    testing: 'src/testing/index.ts',
    jwt: 'src/jwt/index.ts',
    angular: 'src/angular/index.ts',
  },
  format: ['esm', 'cjs'],
  platform: 'neutral',
  target: 'es2022',
  tsconfig: 'tsconfig.src.json',
  // The package's type is "module": `.js` and `.cjs`, rather than `.mjs`.
  fixedExtension: false,
  sourcemap: true,
  dts: { sourcemap: true },
  banner: { dts: disposable },
  // Else the CommonJS files are not in strict mode, where `this` of a plain call is the global object.
  outputOptions: { strict: true },
  // Node's own modules. Otherwise the build warns that it cannot find them for a neutral platform.
  deps: { neverBundle: [/^node:/] },
  logLevel: 'warn',
});
export default config;
