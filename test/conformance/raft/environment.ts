// SPDX-License-Identifier: Apache-2.0

import {
  APPEND_THREAD,
  APPLY_THREAD,
  createMessage,
  describeEntry,
  describeMessage,
  EMPTY_HARD_STATE,
  type Message,
  MessageType,
  refusalText,
  type Snapshot,
} from "../../../src/core/raft/index.ts";
import { ScriptError } from "../../harness/datadriven.ts";
import { DirectiveError } from "./arguments.ts";
import { describeReady } from "./describe-ready.ts";
import { Output } from "./output.ts";
import { type NodeOptions, SimulatedNode } from "./simulated-node.ts";

/** Passes of `stabilize` after which it is taken to run for ever. */
const PASSES_MAX = 1000;

export interface Recipient {
  readonly id: bigint;
  readonly isDropped: boolean;
}

function isStorageThread(id: bigint): boolean {
  return id === APPEND_THREAD || id === APPLY_THREAD;
}

/** Messages inside one node do not cross the network, so it cannot lose them. */
function isWithinNode({ from, to }: Message): boolean {
  return from === to || isStorageThread(from) || isStorageThread(to);
}

/** Whole nodes and the network between them, driven step by step. */
export class Environment {
  readonly output = new Output();
  readonly nodes: SimulatedNode[] = [];
  /** Under way between nodes, oldest first. */
  messages: Message[] = [];

  node(id: bigint): SimulatedNode {
    const node = this.nodes[Number(id) - 1];
    if (node === undefined) throw new ScriptError(`there is no node ${id}`);
    return node;
  }

  addNode(initial: Snapshot, options: NodeOptions): void {
    const id = BigInt(this.nodes.length + 1);
    this.nodes.push(new SimulatedNode(id, initial, options, this.output));
  }

  processReady(node: SimulatedNode): void {
    const ready = node.raft.ready();
    this.output.print(describeReady(ready));
    if (!node.isAsync) {
      node.store(ready.hardState ?? EMPTY_HARD_STATE, ready.entries, ready.snapshot);
      node.apply(ready.committedEntries);
    }
    for (const message of ready.messages) this.#route(node, message);
    if (!node.isAsync) node.raft.advance();
  }

  #route(node: SimulatedNode, message: Message): void {
    if (isStorageThread(message.to) && !node.isAsync) {
      throw new ScriptError("storage work in synchronous mode");
    }
    if (message.to === APPEND_THREAD) node.appendWork.push(message);
    else if (message.to === APPLY_THREAD) node.applyWork.push(message);
    else this.messages.push(message);
  }

  processAppendThread(node: SimulatedNode): void {
    const work = node.appendWork.shift();
    if (work === undefined) {
      this.output.print("no append work to perform");
      return;
    }
    const { responses = [], ...message } = work;
    this.output.printLine("Processing:");
    this.output.printLine(describeMessage(message));
    node.store(message, message.entries, message.snapshot);
    this.#respond(responses);
  }

  processApplyThread(node: SimulatedNode): void {
    const work = node.applyWork.shift();
    if (work === undefined) {
      this.output.print("no apply work to perform");
      return;
    }
    const { responses = [], ...message } = work;
    this.output.printLine("Processing:");
    this.output.printLine(describeMessage(message));
    node.apply(message.entries);
    this.#respond(responses);
  }

  #respond(responses: readonly Message[]): void {
    this.output.printLine("Responses:");
    for (const response of responses) this.output.printLine(describeMessage(response));
    this.messages.push(...responses);
  }

  #matching(recipient: Recipient, type: MessageType | undefined): (message: Message) => boolean {
    return (message) =>
      message.to === recipient.id &&
      (type === undefined || message.type === type) &&
      !(recipient.isDropped && isWithinNode(message));
  }

  /** Delivers or drops what is under way; returns how many messages that were. */
  deliver(recipients: readonly Recipient[], type?: MessageType): number {
    let count = 0;
    for (const recipient of recipients) {
      const isMatching = this.#matching(recipient, type);
      const taken = this.messages.filter(isMatching);
      this.messages = this.messages.filter((message) => !isMatching(message));
      for (const message of taken) this.#deliverOne(message, recipient.isDropped);
      count += taken.length;
    }
    return count;
  }

  #deliverOne(message: Message, isDropped: boolean): void {
    this.output.printLine(`${isDropped ? "dropped: " : ""}${describeMessage(message)}`);
    if (isDropped) return;
    const result = this.node(message.to).raft.step(message);
    if (result !== "ok") this.output.printLine(refusalText(result));
  }

  /** Lets the nodes work until nothing is left to do. */
  stabilize(nodes: readonly SimulatedNode[]): void {
    for (let pass = 0; pass < PASSES_MAX; pass++) {
      // Every sweep has to run, whether or not an earlier one did something.
      const did = [
        this.#sweep(
          nodes,
          "handling Ready",
          (node) => node.raft.hasReady(),
          (node) => {
            this.processReady(node);
          },
        ),
        this.#sweep(
          nodes,
          "receiving messages",
          (node) => this.#hasMail(node),
          (node) => {
            this.deliver([{ id: node.id, isDropped: false }]);
          },
        ),
        this.#sweepWork(nodes, "append", (node) => node.appendWork.length > 0),
        this.#sweepWork(nodes, "apply", (node) => node.applyWork.length > 0),
      ];
      if (!did.includes(true)) return;
    }
    throw new ScriptError(`not stable after ${PASSES_MAX} passes`);
  }

  #hasMail(node: SimulatedNode): boolean {
    return this.messages.some((message) => message.to === node.id);
  }

  #sweep(
    nodes: readonly SimulatedNode[],
    what: string,
    hasWork: (node: SimulatedNode) => boolean,
    work: (node: SimulatedNode) => void,
  ): boolean {
    let did = false;
    for (const node of nodes) {
      if (!hasWork(node)) continue;
      did = true;
      this.output.printLine(`> ${node.id} ${what}`);
      this.output.indented(() => work(node));
    }
    return did;
  }

  #sweepWork(
    nodes: readonly SimulatedNode[],
    thread: "append" | "apply",
    hasWork: (node: SimulatedNode) => boolean,
  ): boolean {
    return this.#sweep(nodes, `processing ${thread} thread`, hasWork, (node) => {
      while (hasWork(node)) {
        if (thread === "append") this.processAppendThread(node);
        else this.processApplyThread(node);
      }
    });
  }

  printLog(node: SimulatedNode): void {
    const first = node.storage.firstIndex();
    const last = node.storage.lastIndex();
    if (last < first) {
      this.output.print(`log is empty: first index=${first}, last index=${last}`);
      return;
    }
    const entries = node.storage.entries(first, last + 1, Number.POSITIVE_INFINITY);
    if (typeof entries === "string") throw new DirectiveError(refusalText(entries));
    for (const entry of entries) this.output.printLine(describeEntry(entry));
  }

  sendSnapshot(from: SimulatedNode, to: bigint): void {
    const message = createMessage({
      type: MessageType.MsgSnap,
      from: from.id,
      to,
      term: from.raft.basicStatus().term,
      snapshot: from.storage.newest(),
    });
    this.messages.push(message);
    this.output.print(describeMessage(message));
  }
}
