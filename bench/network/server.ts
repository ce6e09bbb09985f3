/** The server for measurements over HTTP, in a process of its own. It gets commands by IPC, and replies with what it has seen. */
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

// Exit with the benchmark, even if it crashes; otherwise this process would stay.
process.on('disconnect', () => process.exit());
process.on('message', (command: Command) => void obey(command));
