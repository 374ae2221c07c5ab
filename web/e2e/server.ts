// The photophone binary under test: started on a free port with a data directory of its own, ended by its process id.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** How long the server may take to listen, also on a busy machine. */
const START_MS = 30_000;

const binary = process.env["PHOTOPHONE_BIN"];
/** The server takes PHOTOPHONE_* for its own settings. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PHOTOPHONE_")));

export interface StartOptions {
  source?: string;
  /** 0 picks a free one. */
  port?: number;
  data_dir?: string;
}

export class Server {
  private token: string | null = null;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    /** One-time login link. */
    readonly link: string,
    readonly data_dir: string,
  ) {}

  static async start({ source = "sim", port = 0, data_dir = newDataDir() }: StartOptions = {}): Promise<Server> {
    const args = ["serve", "--source", source, "--port", String(port), "--data-dir", data_dir];
    const child = spawn(command(), args, { stdio: ["ignore", "pipe", "pipe"], cwd: data_dir, env });
    const output = await greeting(child);
    const url = /listening on (http:\S+)/.exec(output)?.[1] ?? "";
    const link = /(http:\S+\/login\?code=\S+)/.exec(output)?.[1] ?? "";
    return new Server(child, url, link, data_dir);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Ends it the hard way, without a word to anybody. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Asks it to end, as the system does at shutdown. */
  async terminate(): Promise<void> {
    await this.end("SIGTERM");
  }

  /** Lets it hold its connections and say nothing, as a machine that is stuck. */
  freeze(): void {
    this.child.kill("SIGSTOP");
  }

  thaw(): void {
    this.child.kill("SIGCONT");
  }

  /** Streams that viewers have open. */
  async viewers(): Promise<number> {
    this.token ??= makeToken(this.data_dir, "stream:read", "1h");
    const answer = await fetch(`${this.url}/api/audio/stream/stats`, { headers: { Authorization: `Bearer ${this.token}` } });
    return ((await answer.json()) as { active_subscribers: number }).active_subscribers;
  }

  /** Ends it and removes its data. */
  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.data_dir, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((done) => this.child.once("exit", done));
    this.child.kill(signal);
    await ended;
  }
}

export function newDataDir(): string {
  return mkdtempSync(join(tmpdir(), "photophone-e2e-"));
}

/** Adds a user who may read streams. */
export function addUser(data_dir: string, name: string, password: string): void {
  const args = ["user", "add", name, "--data-dir", data_dir];
  const { status, stderr } = spawnSync(command(), args, { input: `${password}\n`, cwd: data_dir, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`user add failed: ${stderr}`);
}

/** A token of this data directory. */
export function makeToken(data_dir: string, scope: string, ttl: string): string {
  return run(data_dir, ["token", "create", "--subject", "e2e", "--scope", scope, "--ttl", ttl]);
}

/** A one-time link for the server that runs with this data directory. */
export function freshLink(data_dir: string): string {
  return run(data_dir, ["login-url"]).match(/http:\S+/)?.[0] ?? "";
}

function run(data_dir: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command(), [...args, "--data-dir", data_dir], { cwd: data_dir, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${args[0]} failed: ${stderr}`);
  return stdout.trim();
}

/** Absolute, as the server runs in its data directory, where it finds no config.yaml of others. */
function command(): string {
  if (binary === undefined) throw new Error("PHOTOPHONE_BIN is not set: it names the photophone binary to test");
  return resolve(binary);
}

/** What the server says on stdout until its login link is out. */
async function greeting(child: ChildProcess): Promise<string> {
  let output = "";
  let log = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4000);
  });
  return await new Promise((done, reject) => {
    const timer = setTimeout(() => reject(new Error(`no login link after ${START_MS} ms: ${output}\n${log}`)), START_MS);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`photophone ended with ${code}: ${log}`)));
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (!/login\?code=\S+\n/.test(output) || !/listening on \S+\n/.test(output)) return;
      clearTimeout(timer);
      done(output);
    });
  });
}
