/** Which folder of src/ may import which: a folder is a subpath, and its index.ts is the only way in. */
const mayImport = {
  session: [],
  http: ['session'],
  fetch: ['session'],
  operators: ['session'],
  browser: ['session'],
  node: ['session'],
  redis: ['session'],
  jwt: [],
  angular: ['session', 'http'],
  streams: ['session', 'http'],
  testing: ['session', 'http'],
};

/** Which packages a folder may import, beside rxjs. */
const packages = {
  session: ['@standard-schema/spec'],
  http: ['axios', '@standard-schema/spec'],
  fetch: [],
  operators: [],
  browser: [],
  node: [],
  redis: [],
  jwt: ['jwt-decode'],
  angular: ['@angular/.*', 'axios'],
  streams: ['axios'],
  testing: ['axios'],
};

const perFolder = Object.keys(mayImport).flatMap((folder) => [
  {
    name: `${folder}-imports-only-its-folders`,
    comment: `src/${folder} may import from: ${mayImport[folder].join(', ') || 'no other folder'}`,
    severity: 'error',
    from: { path: `^src/${folder}/` },
    to: { path: '^src/', pathNot: [folder, ...mayImport[folder]].map((name) => `^src/${name}/`) },
  },
  {
    name: `${folder}-imports-only-its-packages`,
    comment: `src/${folder} may import: ${['rxjs', ...packages[folder]].join(', ')}`,
    severity: 'error',
    from: { path: `^src/${folder}/` },
    to: {
      pathNot: ['^src/', ...['rxjs', ...packages[folder]].map((name) => `^node_modules/${name}/`)],
      ...(folder === 'node' && { dependencyTypesNot: ['core'] }),
    },
  },
]);

const entries = ['^src/index\\.ts$', '^src/[^/]+/index\\.ts$'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'imports form a DAG, type-only imports counted',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'through-the-index',
      comment: 'folders meet only through index.ts, and internal.ts for what applications do not need',
      severity: 'error',
      from: { path: '^src/([^/]+)' },
      to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/[^/]+/(index|internal)\\.ts$'] },
    },
    {
      name: 'not-the-own-index',
      comment: 'a file imports its neighbours themselves',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: ['^src/index\\.ts$', '^src/$1/index\\.ts$'] },
    },
    {
      name: 'root-joins-session-and-http',
      comment: 'the entry re-exports session and http, and nothing else',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { pathNot: '^src/(session|http)/index\\.ts$' },
    },
    {
      name: 'known-folders',
      comment: 'a new folder of src needs its rule here',
      severity: 'error',
      from: { path: '^src/[^/]+', pathNot: ['^src/index\\.ts$', `^src/(${Object.keys(mayImport).join('|')})/`] },
      to: {},
    },
    ...perFolder,
    {
      name: 'no-dev-dependency',
      comment: 'what is published imports only what is installed with it',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'npm-peer'] },
    },
    {
      name: 'resolvable',
      comment: 'an import that leads nowhere',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-orphan',
      comment: 'no entry leads to this file',
      severity: 'error',
      from: { path: entries },
      to: { path: '^src/', pathNot: entries, reachable: false },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.src.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
