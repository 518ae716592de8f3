// A real hub for the browser tests: the program, a census with sample prices, this machine as two pools, and jobs that really run.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');

/** The program under test. */
export const program = process.env.SHUGU_PROGRAM ?? join(root, 'target/release/shugu');

/** A site of the shipped census at which the second pool stands, and its provider. */
export const SITE = 'guian-china-telecom-park';
export const PROVIDER = 'china-telecom';

export class Hub {
  private readonly children: ChildProcess[] = [];
  url = '';
  token = '';

  private constructor(readonly folder: string) {}

  /** A hub of its own; `more` are arguments of `shugu up`. */
  static async start(more: string[] = [], listen = '127.0.0.1:0'): Promise<Hub> {
    const hub = new Hub(mkdtempSync(join(tmpdir(), 'shugu-web-')));
    const census = join(hub.folder, 'census');
    cpSync(join(root, 'data/guizhou'), census, { recursive: true });
    const rows = readFileSync(join(root, 'data/sample/tariffs.csv'), 'utf8').split('\n').slice(1).join('\n');
    const own = 'bench-core,compute,*,2020-01-01,,,3600,yuan/core-hour,sample,a browser test,\n';
    const tariffs = readFileSync(join(census, 'tariffs.csv'), 'utf8').trimEnd();
    writeFileSync(join(census, 'tariffs.csv'), `${tariffs}\n${process.env.SHUGU_SAMPLE_TARIFFS === 'shipped' ? rows : own}`);
    await hub.serve(['--listen', listen, '--census', census, ...more]);
    return hub;
  }

  /** Starts the hub's process; prints of it are kept for whoever looks why a test failed. */
  private async serve(more: string[]): Promise<void> {
    const child = spawn(program, ['up', '--dir', join(this.folder, 'hub'), ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.children.push(child);
    this.url = await new Promise((ready, failed) => {
      let said = '';
      child.stdout.on('data', (piece: Buffer) => {
        said += piece.toString();
        const url = /^ready (\S+)/m.exec(said)?.[1];
        if (url) ready(url);
      });
      child.on('exit', (code) => failed(new Error(`the hub ended with ${String(code)}: ${said}`)));
    });
    this.token = readFileSync(join(this.folder, 'hub/operator.token'), 'utf8').trim();
  }

  /** A second pool on this machine, at a site of the census. */
  async join(name: string): Promise<void> {
    const made = (await this.say('access', 'pool', name, '--provider', PROVIDER, '--site', SITE)) as { token: string };
    const folder = join(this.folder, name);
    mkdirSync(folder);
    const agent = spawn(program, ['agent', '--hub', this.url, '--pool', name, '--executor', 'local', '--folder', folder],
      { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, SHUGU_TOKEN: made.token } });
    this.children.push(agent);
    await this.until(async () => {
      const pools = (await this.say('pools')) as { pools: { name: string; contact: boolean }[] };
      return pools.pools.some((pool) => pool.name === name && pool.contact);
    });
  }

  /** What a command prints as JSON. */
  async say(...command: string[]): Promise<unknown> {
    const { stdout } = await run(program, ['--json', '--dir', join(this.folder, 'hub'), ...command], { maxBuffer: 1 << 26 });
    return stdout.trim() === '' ? null : JSON.parse(stdout);
  }

  async submit(...command: string[]): Promise<string> {
    return ((await this.say('submit', ...command)) as { id: string }).id;
  }

  /** A token for somebody. */
  async tokenOf(role: 'tenant' | 'provider' | 'operator', subject: string): Promise<string> {
    return ((await this.say('access', 'token', role, subject)) as { token: string }).token;
  }

  async state(job: string): Promise<string> {
    return ((await this.say('job', job)) as { state: string }).state;
  }

  /** Ends everything that runs or waits, so that the next story has the whole machine. */
  async clear(): Promise<void> {
    const live = async (): Promise<string[]> => {
      const { jobs } = (await this.say('jobs', '--state', 'waiting,placed,running,stopping', '--limit', '1000')) as { jobs: { id: string }[] };
      return jobs.map((job) => job.id);
    };
    const ids = await live();
    // One may end by itself meanwhile.
    if (ids.length > 0) await this.say('cancel', ...ids).catch(() => undefined);
    await this.until(async () => (await live()).length === 0);
  }

  /** Waits until something holds. */
  async until(holds: () => Promise<boolean>, within = 30_000): Promise<void> {
    const begun = Date.now();
    while (!(await holds())) {
      if (Date.now() - begun > within) throw new Error('it does not come to pass');
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }

  async stop(): Promise<void> {
    for (const child of this.children.reverse()) {
      const gone = new Promise((over) => child.once('exit', over));
      if (child.exitCode === null && child.kill('SIGTERM')) await gone;
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
