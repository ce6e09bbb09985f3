import { describe, expect, it } from 'vitest';
import { appOfTest } from './consumer-app.ts';
import { peers, sources } from './sources.ts';
import { proves } from './works-with.ts';

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
const { typescript } = await sources();

describe('TypeScript without a build', () => {
  it.for([
    ['node10', {}],
    ['nodenext', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ] as const)('ts-node runs a CommonJS app with %s resolution', async ([resolution, options], { task }) => {
    const app = await appOfTest({
      dependencies: { ...peers, typescript: '~5.9.0', '@types/node': '^20.19.0', 'ts-node': '^10.9.0' },
      files: { ...typescript, 'tsconfig.json': { compilerOptions: { ...compilerOptions, ...options } } },
    });
    const how = `CommonJS, \`${resolution}\``;
    await proves(task, app, 'ts-node', { section: 'Compilers', tool: 'ts-node 10', how });
    expect(await app.run('ts-node main.ts')).toBe('healed\n');
  });

  it.for([
    ['commonjs', 'CommonJS'],
    ['module', 'ES module'],
  ] as const)('tsx runs an app of type %s', async ([type, how], { task }) => {
    const app = await appOfTest({ dependencies: { ...peers, tsx: '^4.0.0' }, files: typescript, type });
    await proves(task, app, 'tsx', { section: 'Compilers', tool: 'tsx 4', how });
    expect(await app.run('tsx main.ts')).toBe('healed\n');
  });
});
