// A hub of its own for a tool: started in a temporary folder on a free port, stopped and forgotten afterwards.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Starts `program up` and gives its address, the operator's token, and a way to stop it. */
export async function startHub(program, ...options) {
  const folder = await mkdtemp(join(tmpdir(), 'shugu-web-'));
  const hub = spawn(program, ['up', '--dir', folder, '--listen', '127.0.0.1:0', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => hub.once('close', resolve));
  const stop = async () => {
    hub.kill('SIGINT');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const address = await new Promise((resolve, reject) => {
    hub.once('error', reject);
    hub.once('close', () => reject(new Error(`${program} ended before it served`)));
    createInterface({ input: hub.stdout }).on('line', (line) => {
      const found = /^ready (\S+)/.exec(line);
      if (found) resolve(found[1]);
    });
  }).catch(async (error) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  const token = (await readFile(join(folder, 'operator.token'), 'utf8')).trim();
  return { address, token, folder, stop };
}
