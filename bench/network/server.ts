/** The server of the measurements over HTTP, in a process of its own: told by IPC what to do, it tells what it has seen. */
import type { Command } from './protocol.ts';
import { openScene, type Scene } from './scene.ts';

let scene: Scene | undefined;

async function obey(command: Command): Promise<void> {
  if (command === 'new') {
    scene?.close();
    scene = await openScene();
  } else scene?.told(command);
  process.send?.(scene?.state());
}

// However the benchmark ends.
process.on('disconnect', () => process.exit());
process.on('message', (command: Command) => void obey(command));
