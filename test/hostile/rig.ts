// SPDX-License-Identifier: Apache-2.0
// The real server, a client that means harm, and one that goes on working meanwhile.

import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import { KVService } from "../../src/api/gen/etcdserverpb.ts";
import { RawClient } from "../../src/server/h2/testing/raw-client.ts";
import { GrpcClient } from "../harness/grpc-client.ts";
import { etcdxCommand } from "../harness/server-command.ts";
import { ServerProcess } from "../harness/server-process.ts";

export class HostileRig {
  readonly server: ServerProcess;
  readonly bystander: GrpcClient;
  #count = 0;

  constructor(server: ServerProcess) {
    this.server = server;
    this.bystander = new GrpcClient(server.endpoint);
  }

  /** A connection that has sent its preface and these settings. */
  attacker(...settings: Buffer[]): RawClient {
    const client = RawClient.greet(this.server.ports.client, ...settings);
    onTestFinished(() => {
      client.socket.destroy();
    });
    return client;
  }

  /** The other client's write and read are done, whatever is going on. */
  async expectServed(): Promise<void> {
    const key = Buffer.from("bystander");
    const value = Buffer.from(String(++this.#count));
    await this.bystander.unary(KVService.put, { key, value });
    const { kvs } = await this.bystander.unary(KVService.range, { key });
    expect(Buffer.from(kvs[0]?.value ?? []).toString()).toBe(value.toString());
  }

  /** A figure that the server reports of itself. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.server.url}/metrics`)).text();
    const line = text.split("\n").find((each) => each.startsWith(`${name} `));
    if (line === undefined) throw new Error(`no metric ${name}`);
    return Number(line.slice(name.length + 1));
  }

  async close(): Promise<void> {
    this.bystander.close();
    await this.server.dispose();
  }
}

/** One server for the tests of a file; afterwards it still has to serve. */
export function hostileServer(...args: string[]): { readonly rig: HostileRig } {
  let rig: HostileRig | undefined;
  beforeAll(async () => {
    const command = etcdxCommand();
    if (command === undefined) throw new Error("no server in this checkout");
    rig = new HostileRig(await ServerProcess.start(command, { args }));
  });
  afterAll(async () => {
    await rig?.expectServed();
    await rig?.close();
  });
  return {
    get rig() {
      if (rig === undefined) throw new Error("the server has not been started");
      return rig;
    },
  };
}
