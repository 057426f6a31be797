/** The real headless server, on ports of its own, in a folder of its own. */

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const built = fileURLToPath(new URL("../../../target/debug/hookbench", import.meta.url));

/**
 * Starts `hookbench serve`; with `demo` on a throw-away workspace full of traffic, else on an empty one.
 * Answers `{ api, capture, token, call, stop }`.
 */
export async function startServer({ demo = false } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "hookbench-browser-"));
  const workspace = demo ? ["--demo"] : ["--data", join(folder, "workspace")];
  const address = ["--api", "127.0.0.1:0", "--capture", "127.0.0.1:0"];
  const child = spawn(process.env.HOOKBENCH_BIN ?? built, ["serve", "--json", ...address, ...workspace], {
    env: environment(folder),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (text) => (log += text));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const said = await Promise.race([firstLine(child.stdout), ended.then(() => null)]);
  if (said === null) throw new Error(`the server ended before it said where it listens:\n${log}`);
  const { api, capture, token } = JSON.parse(said);

  /** Calls the contract as another program would; anything but success throws. */
  async function call(method, path, body) {
    const answer = await fetch(api + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body ? { "content-type": "application/json" } : {}),
      },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  async function stop() {
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  }

  return { api, capture, token, call, stop };
}

/** Nothing of the person's own Hookbench or desktop reaches the server under test. */
function environment(folder) {
  const { PATH, RUST_BACKTRACE, LD_LIBRARY_PATH } = process.env;
  const clean = {
    PATH,
    RUST_BACKTRACE,
    LD_LIBRARY_PATH,
    HOME: folder,
    XDG_DATA_HOME: join(folder, "data"),
  };
  return Object.fromEntries(Object.entries(clean).filter(([, value]) => value !== undefined));
}

async function firstLine(stream) {
  for await (const line of createInterface({ input: stream })) return line;
  return null;
}
