/** A kind of module resolution that TypeScript has, and the kind of modules that goes with it. */
export interface Resolution {
  readonly moduleResolution: string;
  readonly module: string;
  /** The last major version that has it. */
  readonly last?: number;
}

const resolutions: readonly Resolution[] = [
  // This resolution ignores `exports` in a manifest. TypeScript 7 no longer has it.
  { moduleResolution: 'node10', module: 'commonjs', last: 6 },
  { moduleResolution: 'node16', module: 'node16' },
  { moduleResolution: 'nodenext', module: 'nodenext' },
  { moduleResolution: 'bundler', module: 'esnext' },
];

/** @param version - such as `5.9` */
const majorOf = (version: string): number => Number(version.split('.')[0]);

export const resolutionsOf = (version: string): Resolution[] =>
  resolutions.filter(({ last = Infinity }) => majorOf(version) <= last);

/** The options of a strict app. The declarations themselves are checked, too: `skipLibCheck` is off. */
export function strictApp(version: string, { module, moduleResolution }: Resolution): Record<string, unknown> {
  return {
    module,
    moduleResolution,
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: [],
    strict: true,
    esModuleInterop: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    ...(moduleResolution === 'node10' && majorOf(version) === 6 && { ignoreDeprecations: '6.0' }),
  };
}

/** Only from 7.5.5 on does RxJS declare its types in a way that every resolution follows. */
export const oldRxjsPaths = {
  rxjs: ['./node_modules/rxjs/dist/types/index.d.ts'],
  'rxjs/*': ['./node_modules/rxjs/dist/types/*/index.d.ts'],
};

/** The fixtures that can be compiled with Angular in one app, by what the resolution can follow. */
export function consumerFiles({ moduleResolution }: Resolution): string[] {
  // `node10` ignores `exports`, the only place where Angular declares its types.
  if (moduleResolution === 'node10') return ['consumer.ts'];
  const modules = ['consumer.ts', 'consumer-angular.ts'];
  if (moduleResolution === 'bundler') return modules;
  const scripts = ['consumer.cts', 'mixed.cts'];
  // No CommonJS module of `node16` can import Angular, which is an ES module.
  return [...modules, ...scripts, ...(moduleResolution === 'nodenext' ? ['consumer-angular.cts'] : [])];
}
