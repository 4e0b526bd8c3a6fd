// SPDX-License-Identifier: Apache-2.0

import { MemoryDisk } from "../../src/core/backend/index.ts";
import { listSegments } from "../../src/core/wal/index.ts";
import { SeededRandom } from "../harness/seeded-random.ts";
import { SimDisk } from "../harness/sim-disk.ts";
import { PATHS, type SimMachine, type SimWorld } from "./contracts.ts";
import type { Fault } from "./faults.ts";
import { playFigureEight } from "./figure-eight.ts";

/** A damaged or emptied machine is started again after this time, in milliseconds. */
const DOWN_MS = 300;

function targetOf(world: SimWorld, target: number): SimMachine | undefined {
  if (target < 0) return world.leader()?.machine ?? world.anyMember()?.machine;
  const { voters, learners } = world.judge.confState;
  const ids = [...voters, ...learners];
  const id = ids[target % Math.max(ids.length, 1)];
  return id === undefined ? world.machines[target % world.machines.length] : world.machineOf(id);
}

/** Does to the cluster what the fault says; what does not fit the moment is left out. */
export function inflict(world: SimWorld, fault: Fault): void {
  world.transcript.note("fault", JSON.stringify(fault));
  switch (fault.kind) {
    case "crash all":
      for (const machine of world.machines) {
        if (machine.isUp) machine.crash("power", fault.downMs + machine.number);
      }
      return;
    case "crash installing":
      for (const machine of world.machines) {
        machine.crashInstalling = {
          steps: 0,
          kind: fault.power ? "power" : "kill",
          downMs: fault.downMs,
        };
      }
      return;
    case "split":
      split(world, fault.mask, fault.forMs);
      return;
    case "ring":
      breakRing(world, fault.forMs);
      return;
    case "storm":
      storm(world, fault);
      return;
    case "figure eight":
      playFigureEight(world, fault);
      return;
    case "add learner":
      world.operator.addMember(true);
      return;
    case "add voter":
      world.operator.addMember(false);
      return;
    case "promote":
      world.operator.promote();
      return;
    case "joint":
      world.operator.changeJointly(fault.choice, fault.isExplicit);
      return;
    default: {
      const machine = targetOf(world, fault.target);
      if (machine !== undefined && !machine.isGone) strike(world, machine, fault);
    }
  }
}

type Strike = Exclude<
  Fault,
  {
    kind:
      | "crash all"
      | "crash installing"
      | "split"
      | "ring"
      | "storm"
      | "figure eight"
      | "add learner"
      | "add voter"
      | "promote"
      | "joint";
  }
>;

function strike(world: SimWorld, machine: SimMachine, fault: Strike): void {
  switch (fault.kind) {
    case "crash":
      if (machine.isUp) machine.crash(fault.power ? "power" : "kill", fault.downMs);
      return;
    case "crash at step":
      machine.crashIn = {
        steps: fault.steps,
        kind: fault.power ? "power" : "kill",
        downMs: fault.downMs,
      };
      return;
    case "pause":
      pause(world, machine, fault.forMs);
      return;
    case "one way":
      cutOneWay(world, machine, fault.isDeaf, fault.forMs);
      return;
    case "stall":
      world.coverage.saw("a disk stalled");
      machine.stallMs = fault.ms;
      world.schedule.after(fault.forMs, () => {
        machine.stallMs = 0;
      });
      return;
    case "disk error":
      failDisk(world, machine, fault);
      return;
    case "damage":
      damage(world, machine, fault.place);
      return;
    case "set clock":
      world.coverage.saw("a wall clock was set");
      machine.clock.wallOffsetMs += fault.byMs;
      return;
    case "skew":
      world.coverage.saw("a member's timers ran at another speed");
      machine.clock.rate = fault.percent / 100;
      world.schedule.after(fault.forMs, () => {
        machine.clock.rate = 1;
      });
      return;
    case "remove":
      world.operator.remove(machine);
      return;
    case "update":
      world.operator.update(machine);
      return;
    case "replace":
      world.operator.replace(machine);
      return;
    case "transfer":
      world.operator.transfer(machine);
      return;
    case "snapshot":
      machine.guard(() => machine.member?.takeSnapshot());
      return;
    case "older disk":
      rewind(world, machine, fault.backMs);
      return;
    case "empty disk":
      world.coverage.saw("a member came back with an empty disk");
      replaceDisks(world, machine, new SimDisk(), new MemoryDisk());
      return;
  }
}

function pause(world: SimWorld, machine: SimMachine, forMs: number): void {
  if (machine.isPaused) return;
  world.coverage.saw("a member was paused");
  machine.isPaused = true;
  world.schedule.after(forMs, () => world.resume(machine));
}

function cut(world: SimWorld, links: readonly (readonly [number, number])[], forMs: number): void {
  for (const [from, to] of links) world.network.block(from, to);
  world.schedule.after(forMs, () => {
    if (world.isCalm) return;
    for (const [from, to] of links) world.network.unblock(from, to);
  });
}

function split(world: SimWorld, mask: number, forMs: number): void {
  world.coverage.saw("the cluster was split in two");
  const numbers = world.machines.map(({ number }) => number);
  const isLeft = (number: number): boolean => ((mask >> (number % 8)) & 1) === 1;
  const links = numbers.flatMap((from) =>
    numbers.filter((to) => isLeft(from) !== isLeft(to)).map((to) => [from, to] as const),
  );
  cut(world, links, forMs);
}

function cutOneWay(world: SimWorld, machine: SimMachine, isDeaf: boolean, forMs: number): void {
  world.coverage.saw("a member was cut off one way");
  const others = world.machines.filter((other) => other !== machine);
  const links = others.map(({ number }) =>
    isDeaf ? ([number, machine.number] as const) : ([machine.number, number] as const),
  );
  cut(world, links, forMs);
}

/** Every member reaches only its neighbours. */
function breakRing(world: SimWorld, forMs: number): void {
  world.coverage.saw("a ring of links failed");
  const ring = world.machines.filter((machine) => !machine.isGone).map(({ number }) => number);
  const links = ring.flatMap((from, at) => {
    const near = new Set([at, (at + 1) % ring.length, (at + ring.length - 1) % ring.length]);
    return ring.filter((_, other) => !near.has(other)).map((to) => [from, to] as const);
  });
  cut(world, links, forMs);
}

/** Links of a network that is falling apart: now and then few are left. */
function randomLinks(world: SimWorld, random: SeededRandom): (readonly [number, number])[] {
  const chance = [0, 30, 60][random.intBelow(3)] ?? 0;
  const numbers = world.machines.filter(({ isGone }) => !isGone).map(({ number }) => number);
  return numbers.flatMap((from) =>
    numbers.filter((to) => to !== from && random.chance(chance)).map((to) => [from, to] as const),
  );
}

/** Rounds of rivals, with crashes in between: what elections have to survive. */
function storm(world: SimWorld, { rounds, gapMs, salt }: Extract<Fault, { kind: "storm" }>): void {
  const random = new SeededRandom(salt);
  for (let round = 0; round < rounds; round++) {
    world.schedule.after(round * gapMs, () => {
      if (world.isCalm) return;
      cut(world, randomLinks(world, random), gapMs);
      for (const machine of world.machines) {
        if (world.isCalm || machine.isGone) continue;
        const delayMs = random.intBelow(300) / 20;
        if (random.chance(45)) world.schedule.after(delayMs, () => machine.campaign());
        if (!random.chance(20)) continue;
        const steps = random.intBelow(12);
        machine.crashIn = { steps, kind: "power", downMs: 1 + random.intBelow(75) };
      }
    });
  }
}

function failDisk(
  world: SimWorld,
  machine: SimMachine,
  { operation, isFull, after }: Extract<Fault, { kind: "disk error" }>,
): void {
  const code = isFull && operation === "write" ? "ENOSPC" : "EIO";
  machine.disk.fail({ operation, code, after, pathEnd: ".wal" });
  if (operation === "open" || operation === "read") {
    // Files are opened and read at the start, so there has to be one.
    if (machine.isUp) machine.crash("kill", DOWN_MS);
    return;
  }
  if (code === "ENOSPC") world.coverage.saw("a disk was full");
  else world.coverage.saw(operation === "write" ? "a write failed" : "a sync failed");
}

/** Flips a bit of a stopped member's log, when the cluster can do without this member. */
function damage(world: SimWorld, machine: SimMachine, place: number): void {
  if (!world.operator.survivesWithout(machine.id)) return;
  if (world.machines.some((other) => other.isDamaged && !other.isGone)) return;
  if (machine.isUp) machine.crash("kill", DOWN_MS);
  const segments = listSegments(machine.disk, PATHS.wal);
  const segment = segments[place % Math.max(segments.length, 1)];
  if (segment === undefined) return;
  const path = `${PATHS.wal}/${segment.name}`;
  const bytes = machine.disk.readFile(path);
  const used = bytes.findLastIndex((byte) => byte !== 0) + 1;
  const at = place % Math.max(used, 1);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (place % 8));
  machine.disk.placeFile(path, bytes);
  machine.isDamaged = true;
}

/** Brings a member back on what its disks held some time ago. */
function rewind(world: SimWorld, machine: SimMachine, backMs: number): void {
  if (!machine.isUp) return;
  machine.crash("power", 0);
  const disk = copyDisk(machine.disk);
  const store = copyStore(machine.store);
  world.schedule.after(backMs, () => {
    world.coverage.saw("a member came back with an older disk");
    replaceDisks(world, machine, disk, store);
  });
}

function replaceDisks(
  world: SimWorld,
  machine: SimMachine,
  disk: SimDisk,
  store: MemoryDisk,
): void {
  if (machine.isGone) return;
  if (machine.isUp) machine.crash("power", DOWN_MS);
  world.isBeyond = true;
  disk.makeDirectory(PATHS.snap);
  machine.disk = disk;
  machine.store = store;
  machine.isDamaged = true;
}

function copyDisk(from: SimDisk): SimDisk {
  const copy = new SimDisk();
  const visit = (directory: string): void => {
    for (const name of from.list(directory)) {
      const path = `${directory}/${name}`;
      if (from.stat(path)?.isDirectory === true) visit(path);
      else copy.placeFile(path, from.readFile(path));
    }
  };
  visit(PATHS.data);
  return copy;
}

function copyStore(from: MemoryDisk): MemoryDisk {
  const copy = new MemoryDisk();
  for (const [number, table] of from.tables.entries()) {
    const cursor = table.cursor("");
    for (; cursor.key !== undefined; cursor.advance()) {
      if (cursor.value !== undefined) copy.tables[number]?.set(cursor.key, cursor.value);
    }
  }
  return copy;
}
