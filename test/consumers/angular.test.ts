import { describe, expect, it } from 'vitest';
import { appOfTest, type Files } from './consumer-app.ts';
import { appFiles, peers, sources } from './sources.ts';
import { proves } from './works-with.ts';

/**
 * The range of the newest version is exact, because a registry may have a newer release of one of Angular's packages and not yet of
 * another.
 */
const angulars = [
  { version: '19', range: '^19.0.0', typescript: '~5.8.0', more: { 'zone.js': '~0.15.0' } },
  { version: '22', range: '22.2.0', typescript: '~6.0.0', more: {} },
];

describe.for(angulars)('Angular $version', ({ version, range, typescript, more }) => {
  it('builds by its CLI a page that is rendered with a session under HttpClient and a client', async ({ task }) => {
    const names = ['common', 'compiler', 'core', 'platform-browser', 'platform-server', 'router', 'ssr'];
    const tools = ['build', 'cli', 'compiler-cli'];
    const scenario = (await sources()).typescript['scenario.ts'] ?? '';
    const app = await appOfTest({
      dependencies: {
        ...peers,
        ...Object.fromEntries([...names, ...tools].map((name) => [`@angular/${name}`, range])),
        tslib: '^2.3.0',
        typescript,
        ...more,
      },
      files: {
        ...(version === '19' ? beforeZoneless(await angularApp()) : await angularApp()),
        'src/scenario.ts': scenario,
      },
      type: 'module',
    });
    const how = '`ng build` with a prerendered page; `skipLibCheck: false`';
    await proves(task, app, '@angular/core', { section: 'Frameworks', tool: `Angular ${version}`, how });
    await app.run('ng build');
    expect(await app.read('dist/browser/index.html')).toContain('<p>healed</p>');
  });
});

async function angularApp(): Promise<Record<string, string>> {
  const sourceFiles = ['index.html', 'main.ts', 'main.server.ts', 'app.ts'].map((name) => `src/${name}`);
  return appFiles('angular', ['angular.json', 'tsconfig.json', 'routes.txt', ...sourceFiles]);
}

/** Changes the files for Angular 19, which needs zone.js and has its server rendering in another package. */
function beforeZoneless(files: Readonly<Record<string, string>>): Files {
  return {
    ...files,
    'angular.json': files['angular.json']!.replace('"browser":', '"polyfills": ["zone.js"], "browser":'),
    'src/main.server.ts': files['src/main.server.ts']!.replace('@angular/ssr', '@angular/platform-server'),
  };
}
