import { describe, expect, it } from 'vitest';
import { installApp } from './consumer-app.ts';
import { appFiles, inFolder, peers, sources } from './sources.ts';
import { proves } from './works-with.ts';

describe.concurrent('Next.js 16', () => {
  it.for([
    ['Turbopack', 'next build'],
    ['webpack', 'next build --webpack'],
  ] as const)(
    'builds by %s a page that uses Sluice on the server and in the browser',
    async ([bundler, command], { task, onTestFinished }) => {
      const { typescript } = await sources(peers, 'browser');
      const app = await installApp({
        dependencies: {
          ...peers,
          ...Object.fromEntries(['react', 'react-dom', '@types/react'].map((name) => [name, '^19.0.0'])),
          next: '^16.0.0',
          typescript: '~5.9.0',
          '@types/node': '^22.0.0',
        },
        files: {
          ...(await appFiles('next', ['app/layout.tsx', 'app/page.tsx', 'app/outcome.tsx'])),
          ...inFolder('app', typescript),
        },
      });
      onTestFinished(() => app.remove());
      await proves(task, app, 'next', {
        section: 'Frameworks',
        tool: 'Next.js 16',
        how: `\`${command}\` (${bundler})`,
      });
      await app.run(command);
      expect(await app.read('.next/server/app/index.html')).toContain('On the server: <!-- -->healed');
    },
  );
});
